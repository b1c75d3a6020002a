import type { Descriptor } from '../oci/descriptor.ts';

/** Most indexes one inside the other that are followed. */
export const maxIndexDepth = 4;

/** Most entries that a source may list, those of lists within it counted too: the largest lists have some hundred. */
export const maxEntries = 1000;

/** Most bytes that the manifests of these entries may have together; usual ones have some thousand each. */
export const maxEntryBytes: number = 8 * 1024 * 1024;

/** What one source has listed so far: a registry could otherwise make a run hold what it likes in memory. */
export class SourceBudget {
  #entries = 0;
  #bytes = 0;

  /** Counts the entries of one more list; whether all of them are still within the limits. */
  covers(entries: readonly Descriptor[]): boolean {
    this.#entries += entries.length;
    for (const { size } of entries) this.#bytes += size;
    return this.#entries <= maxEntries && this.#bytes <= maxEntryBytes;
  }
}
