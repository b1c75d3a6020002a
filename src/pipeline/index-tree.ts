import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageIndex, Manifest } from '../oci/manifest.ts';
import { SourceError } from '../run/errors.ts';
import { formatBytes } from './byte-size.ts';

/** Indexes that may be nested in each other. */
const maxDepth = 4;

/** Entries that one tree may list, over all its indexes; the largest indexes in use list some hundred. */
const maxEntries = 1000;

/** Bytes that the manifests of these entries may have together; a usual manifest has a few thousand. */
const maxEntryBytes = 8 * 1024 * 1024;

/** Bytes that the configs of these entries may have together; a usual config has some thousand. */
const maxConfigBytes = 64 * 1024 * 1024;

/** Counts what one tree lists: without limits a registry could fill the memory of a run. */
export class TreeLimits {
  readonly #subject: string;
  readonly #hint: string;
  #entries = 0;
  #bytes = 0;

  /** `subject` names the tree in errors. */
  constructor(subject: string, hint: string) {
    this.#subject = subject;
    this.#hint = hint;
  }

  /** Counts the entries of one more list; throws SourceError SOURCE_TOO_LARGE beyond the limits. */
  count(entries: readonly Descriptor[]): void {
    this.#entries += entries.length;
    for (const { size } of entries) this.#bytes += size;
    if (this.#entries <= maxEntries && this.#bytes <= maxEntryBytes) return;
    throw new SourceError(
      'SOURCE_TOO_LARGE',
      `${this.#subject} has more than ${maxEntries} entries, or more than ${formatBytes(maxEntryBytes)} of manifests`,
      { hint: this.#hint },
    );
  }

  /** Throws SourceError SOURCE_TOO_LARGE when the configs of these images are too large together. */
  countConfigs(images: readonly Manifest[]): void {
    const configs = images.flatMap(({ content }) => (content.kind === 'image' ? content.config : []));
    if (configs.reduce((sum, { size }) => sum + size, 0) <= maxConfigBytes) return;
    const message = `${this.#subject} has more than ${formatBytes(maxConfigBytes)} of image configs`;
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

/** An entry of an index, the manifest that it names, and the entries of that manifest if it is an index too. */
export interface TreeEntry {
  readonly entry: Descriptor;
  readonly manifest: Manifest;
  readonly entries: readonly TreeEntry[];
}

/** How a tree is read: its limits, and how the manifest of an entry is obtained. */
interface TreeReader {
  readonly limits: TreeLimits;
  readonly read: (entry: Descriptor) => Promise<Manifest>;
}

/** Reads the manifests that an index lists, and those that nested indexes list, in order. */
export async function readTree(
  index: ImageIndex,
  reader: TreeReader,
  depth = 1,
): Promise<readonly TreeEntry[]> {
  reader.limits.enter(index, depth);
  return Promise.all(
    index.manifests.map(async (entry) => {
      const manifest = await reader.read(entry);
      const { content } = manifest;
      return {
        entry,
        manifest,
        entries: content.kind === 'index' ? await readTree(content, reader, depth + 1) : [],
      };
    }),
  );
}
