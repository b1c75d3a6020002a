import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatRepository } from '../../oci/reference.ts';
import { addToReferrersTag, referrersTag } from '../../registry/referrers.ts';
import { ActionError, withContext, withHint } from '../../run/errors.ts';
import { type Finding, warnOfCauses } from '../../run/finding.ts';
import type { RunContext } from '../run-context.ts';
import type { Content } from './content.ts';
import type { ManifestCopier } from './manifests.ts';
import { includes, leaveReferrers, type ReferrerFinder, type Referrers } from './referrer-finder.ts';

/** How far referrers of referrers are followed. */
const maxReferrerDepth = 4;

/** The referrers to copy. */
export interface WantedReferrers {
  readonly finder: ReferrerFinder;
  /** The manifests whose attestations are wanted, too. */
  readonly attested: ReadonlySet<Digest>;
}

/** Codes of errors about content that is too large, however it was found out. */
const tooMuch: ReadonlySet<string> = new Set([
  ...['TOO_LARGE', 'SOURCE_TOO_LARGE', 'MANIFEST_TOO_LARGE', 'MEMORY_BUDGET'],
]);

/** The type of attestations that BuildKit stores as OCI artifacts (BuildKit, docs/attestations/attestation-storage.md). */
const attestationType = 'application/vnd.docker.attestation.manifest.v1+json';

/** Copies what refers to copied manifests to the same repository, and what refers to that in turn. */
export class ReferrerCopier {
  readonly #manifests: ManifestCopier;
  readonly #wanted: WantedReferrers;
  readonly #context: RunContext;
  readonly #visited = new Set<Digest>();
  readonly #findings: Finding[] = [];
  #copied = 0;

  constructor(manifests: ManifestCopier, wanted: WantedReferrers, context: RunContext) {
    this.#manifests = manifests;
    this.#wanted = wanted;
    this.#context = context;
  }

  get copied(): number {
    return this.#copied;
  }

  /** Copies the referrers of a content after the content itself: some registries link them only in this order. */
  async copyReferrersOf(content: Content, depth = 1): Promise<void> {
    const { digest } = content.manifest;
    if (this.#visited.has(digest)) return;
    this.#visited.add(digest);
    const search = this.#find(content);
    await this.#manifests.ensure([content]);
    const { referrers, tagged } = await search;
    const found = [...referrers.filter(this.#isWanted), ...tagged.map((each) => each.content)];
    if (depth > maxReferrerDepth) {
      if (found.length > 0) this.#wanted.finder.lose(tooDeep(content));
      return;
    }
    const fresh = found.filter(({ manifest }) => !this.#manifests.has(manifest.digest));
    await this.#manifests.ensure(found);
    await Promise.all(tagged.map((each) => this.#tag(each.tag, each.content)));
    this.#copied += fresh.length;
    await Promise.all(found.map((each) => this.copyReferrersOf(each, depth + 1)));
  }

  #find(content: Content): Promise<Referrers> {
    const search = this.#wanted.finder.find(content).catch((error: unknown) => {
      const placed = withContext(`referrers of ${content.label} in ${content.store.name}`, error);
      throw placed instanceof ActionError && tooMuch.has(placed.code)
        ? withHint(placed, leaveReferrers)
        : placed;
    });
    search.catch(() => undefined);
    return search;
  }

  readonly #isWanted = ({ manifest: { content } }: Content): boolean => {
    if (content.artifactType !== attestationType) return true;
    return content.subject !== undefined && this.#wanted.attested.has(content.subject.digest);
  };

  // Signatures made in the target must not be lost to those of the source.
  async #tag(tag: string, { manifest, label }: Content): Promise<void> {
    const { client } = this.#context;
    const { target } = this.#manifests;
    const held = await client.findManifest(target, tag);
    if (held !== undefined && includes(held, manifest)) return;
    if (held === undefined || includes(manifest, held)) {
      await client.putManifest(target, tag, manifest);
      return;
    }
    this.#findings.push({
      about: `${tag} (${held.digest}; ${label} was copied as ${manifest.digest})`,
      say: (names) =>
        `Tags in ${formatRepository(target)} keep what they hold, because the source does not have all of it: ${names}`,
    });
  }

  /** Lists referrers under their subjects' tags, where the registry did not process the subjects itself. */
  async list(unlisted: ReadonlyMap<Digest, readonly Descriptor[]>): Promise<void> {
    const { client, observer } = this.#context;
    const { target } = this.#manifests;
    const listings = [...unlisted].map(async ([subject, referrers]) => {
      const outcome = await addToReferrersTag(client, target, subject, referrers);
      if (outcome === 'listed') return;
      const reason =
        outcome === 'occupied' ? 'it holds something else' : 'another client keeps overwriting it';
      this.#findings.push({
        about: referrersTag(subject),
        say: (names) =>
          `${formatRepository(target)} holds referrers that their tag does not list, because ${reason}: ${names}`,
      });
    });
    await Promise.all(listings);
    warnOfCauses(this.#findings, observer);
  }
}

function tooDeep({ store }: Content): Finding {
  const level = `where they refer to a referrer at level ${maxReferrerDepth}`;
  return {
    about: store.name,
    say: (names) => `Referrers in ${names} were not copied ${level}: no more levels are followed`,
  };
}
