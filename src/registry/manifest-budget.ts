import { condensed, type HeldManifest, type Manifest } from '../oci/manifest.ts';
import { ActionError } from '../run/errors.ts';

const mebibyte = 1024 * 1024;

/** Bytes of manifests that a run may hold in memory at once. Parsed, they take up to four times as much. */
const maxHeld = 64 * mebibyte;

/** Bytes of an image manifest that is held whole, so that it need not be read again; a usual one has a few thousand. */
const maxWhole = 256 * 1024;

/** Bytes that a value of a document counts at least: a short key with a short text takes up to four times as much, parsed. */
const minValue = 64;

/** What is held under one name. */
interface Holding {
  readonly size: number;
  /** How often it was read, less how often it was let go. */
  readonly readings: number;
}

/** The memory of one run for manifests: without a limit, sources of the maximum size would fill that of the runner. */
export class ManifestBudget {
  readonly #held = new Map<string, Holding>();
  #left = maxHeld;
  #refuses = true;

  /** Bytes that may still be held. */
  get left(): number {
    return this.#left;
  }

  /** Counts the bytes of content that is held, once for each name; throws ActionError MEMORY_BUDGET. */
  hold(name: string, size: number): void {
    this.#set(name, { size, readings: this.#readings(name) });
  }

  /** Counts a manifest, and returns it; throws ActionError MEMORY_BUDGET. */
  counted(manifest: Manifest): Manifest {
    const { digest } = manifest;
    this.#set(digest, { size: weightOf(manifest), readings: this.#readings(digest) + 1 });
    return manifest;
  }

  /** What to keep of a manifest that may be published: a large image is condensed, because it can be read again. */
  keep(manifest: Manifest): HeldManifest {
    const isWhole = manifest.content.kind === 'index' || weightOf(manifest) <= maxWhole;
    return isWhole ? manifest : this.condense(manifest);
  }

  /** Condenses a counted manifest: its bytes do not count any more, unless another reader has them. */
  condense(manifest: Manifest): HeldManifest {
    const kept = condensed(manifest);
    this.letGo(manifest, weightOf(kept));
    return kept;
  }

  /** Counts only `rest` bytes of a counted manifest, unless another reader has it. */
  letGo({ digest }: Manifest, rest = 0): void {
    const { size, readings } = this.#held.get(digest) ?? { size: rest, readings: 0 };
    this.#set(digest, { size: readings > 1 ? size : rest, readings: readings - 1 });
  }

  /** Does work that must not fail for its memory: tags that were set are read back, or put back. */
  async lifted<T>(work: () => Promise<T>): Promise<T> {
    this.#refuses = false;
    try {
      return await work();
    } finally {
      this.#refuses = true;
    }
  }

  #readings(name: string): number {
    return this.#held.get(name)?.readings ?? 0;
  }

  #set(name: string, holding: Holding): void {
    if (!this.#refuses) return;
    const left = this.#left + (this.#held.get(name)?.size ?? 0) - holding.size;
    if (left < 0) throw exhausted();
    this.#held.set(name, holding);
    this.#left = left;
  }
}

/** The bytes that a manifest counts: its size, or more if it has very many values. */
export function weightOf({ bytes, content }: Pick<HeldManifest, 'bytes' | 'content'>): number {
  const size = bytes === undefined ? JSON.stringify(content).length : bytes.byteLength;
  return Math.max(size, minValue * valuesIn(content));
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, each) => sum + valuesIn(each), 1);
}

function exhausted(): ActionError {
  const message = `the step would hold more than ${maxHeld / mebibyte} MiB of manifests in memory at once`;
  return new ActionError('MEMORY_BUDGET', message, {
    hint: 'Publish fewer images in one step, and look at the largest manifests: a usual one has a few thousand bytes.',
  });
}
