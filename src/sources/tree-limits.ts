import type { Descriptor } from '../oci/descriptor.ts';
import type { HeldManifest, ImageIndex } from '../oci/manifest.ts';
import { SourceError } from '../run/errors.ts';

const mebibyte = 1024 * 1024;

/** Indexes that may be nested in each other. */
const maxDepth = 4;

/** Entries that one tree may list, over all its indexes; the largest indexes in use list some hundred. */
const maxEntries = 1000;

/** Bytes that the manifests of these entries may have together; a usual manifest has a few thousand. */
const maxEntryBytes = 8 * mebibyte;

/** Bytes that the configs of these entries may have together; a usual config has some thousand. */
const maxConfigBytes = 64 * mebibyte;

/** Counts what one tree lists: without limits a registry could fill the memory of a run. */
export class TreeLimits {
  readonly #subject: string;
  readonly #hint: string;
  #entries = 0;
  #bytes = 0;

  constructor(subject: string, hint: string) {
    this.#subject = subject;
    this.#hint = hint;
  }

  /** Counts the entries of one more list; throws SourceError SOURCE_TOO_LARGE beyond the limits. */
  count(entries: readonly Descriptor[]): void {
    this.#entries += entries.length;
    for (const { size } of entries) this.#bytes += size;
    if (this.#entries <= maxEntries && this.#bytes <= maxEntryBytes) return;
    const message = `${this.#subject} has more than ${maxEntries} entries, or more than ${megabytes(maxEntryBytes)} of manifests`;
    throw new SourceError('SOURCE_TOO_LARGE', message, { hint: this.#hint });
  }

  /** Throws SourceError SOURCE_TOO_LARGE when the configs of these images are too large together. */
  countConfigs(images: readonly HeldManifest[]): void {
    const configs = images.flatMap(({ content }) => (content.kind === 'image' ? content.config : []));
    if (configs.reduce((sum, { size }) => sum + size, 0) <= maxConfigBytes) return;
    const message = `${this.#subject} has more than ${megabytes(maxConfigBytes)} of image configs`;
    throw new SourceError('SOURCE_TOO_LARGE', message, { hint: this.#hint });
  }

  /** Counts an index at this depth, 1 for the outermost; throws SourceError INDEX_TOO_DEEP or SOURCE_TOO_LARGE. */
  enter(index: ImageIndex, depth: number): void {
    if (depth > maxDepth) {
      const message = `${this.#subject} has indexes nested more than ${maxDepth} deep`;
      throw new SourceError('INDEX_TOO_DEEP', message, { hint: this.#hint });
    }
    this.count(index.manifests);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
