import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { addToReferrersTag, referrersTag } from '../../registry/referrers.ts';
import type { Observer } from '../../run/observer.ts';
import type { Content } from './content.ts';
import { failedAt } from './failure.ts';
import type { ManifestCopier } from './manifests.ts';
import { includes, type ReferrerFinder } from './referrer-finder.ts';

/** What copying referrers to one repository uses. */
export interface CompanionCopyParts {
  readonly client: RegistryClient;
  readonly observer: Observer;
  readonly target: Repository;
  readonly manifests: ManifestCopier;
  readonly finder: ReferrerFinder;
}

/** How far referrers of referrers are followed. */
const maxReferrerDepth = 4;

/** Brings what refers to copied manifests to one repository, and what refers to that in turn. */
export class ReferrerCopier {
  readonly #parts: CompanionCopyParts;
  readonly #accompanied = new Set<Digest>();
  #copied = 0;

  constructor(parts: CompanionCopyParts) {
    this.#parts = parts;
  }

  /** Signatures, attestations and other referrers brought so far. */
  get copied(): number {
    return this.#copied;
  }

  /**
   * Brings what goes along with a content once that is there itself: some registries tie the one to the other
   * only in this order.
   */
  async copyReferrersOf(content: Content, depth = 1): Promise<void> {
    const { digest } = content.manifest;
    if (this.#accompanied.has(digest) || depth > maxReferrerDepth) return;
    this.#accompanied.add(digest);
    const { finder, manifests } = this.#parts;
    const looked = finder.find(content);
    await manifests.ensure([content]);
    const { referrers, tagged } = await looked.catch((error: unknown) => {
      throw failedAt(`referrers of ${content.label} in ${content.store.name}`, error);
    });
    const found = [...referrers, ...tagged.map((each) => each.content)];
    await manifests.ensure(found);
    await Promise.all(tagged.map((each) => this.#tag(each.tag, each.content)));
    this.#copied += found.length;
    await Promise.all(found.map((each) => this.copyReferrersOf(each, depth + 1)));
  }

  // What someone signed in the target is not to be lost for what was signed at the source.
  async #tag(tag: string, content: Content): Promise<void> {
    const { client, observer, target } = this.#parts;
    const { manifest } = content;
    const held = await client.findManifest(target, tag);
    if (held !== undefined && includes(held, manifest)) return;
    if (held === undefined || includes(manifest, held)) {
      await client.putManifest(target, tag, manifest);
      return;
    }
    observer.warning(
      `${content.label} is in ${formatRepository(target)} as ${manifest.digest}, but ${tag} there keeps ${held.digest}, which holds what the source lacks`,
    );
  }

  /** Lists referrers under their subjects' tags, where the registry did not take note of the subject itself. */
  async list(unlisted: ReadonlyMap<Digest, readonly Descriptor[]>): Promise<void> {
    const { client, observer, target } = this.#parts;
    const listings = [...unlisted].map(async ([subject, referrers]) => {
      const outcome = await addToReferrersTag(client, target, { subject, referrers });
      if (outcome === 'listed') return;
      observer.warning(
        `${formatRepository(target)} holds the referrers of ${subject}, but its tag ${referrersTag(subject)} does not list them: it is ${outcome}`,
      );
    });
    await Promise.all(listings);
  }
}
