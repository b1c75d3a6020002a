import type { Descriptor } from '../oci/descriptor.ts';
import { SourceError } from '../run/errors.ts';
import type { Content } from './copy-content.ts';
import { formatBytes } from './progress.ts';
import { deepestIndex, mostEntries, mostEntryBytes, SourceBudget } from './source-budget.ts';

const hint =
  'Look at what refers to that image with `oras discover NAME`. To go on without signatures and other referrers, set copy-referrers to false.';

/** How much may refer to one manifest: what is listed for it, and all that is under that. */
export class ReferrerLimits {
  readonly #of: Content;
  readonly #budget = new SourceBudget();

  constructor(of: Content) {
    this.#of = of;
  }

  /** Counts what the repository lists; throws SourceError SOURCE_TOO_LARGE beyond the limits. */
  list(entries: readonly Descriptor[]): void {
    if (this.#budget.covers(entries)) return;
    throw new SourceError(
      'SOURCE_TOO_LARGE',
      `what refers to ${this.#of.label} in ${this.#of.store.name} is more than ${mostEntries} manifests, or more than ${formatBytes(mostEntryBytes)} of them`,
      { hint },
    );
  }

  /** Counts what an index lists that is so many deep; throws SourceError INDEX_TOO_DEEP or SOURCE_TOO_LARGE. */
  enter(entries: readonly Descriptor[], depth: number): void {
    this.list(entries);
    if (depth <= deepestIndex) return;
    throw new SourceError(
      'INDEX_TOO_DEEP',
      `what refers to ${this.#of.label} in ${this.#of.store.name} holds indexes inside indexes, more than ${deepestIndex} deep`,
      { hint },
    );
  }
}
