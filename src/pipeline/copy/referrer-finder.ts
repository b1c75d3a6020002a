import { canonicalDescriptor, type Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { manifestTypes } from '../../oci/media-types.ts';
import type { Repository } from '../../oci/reference.ts';
import { isAttachment } from '../../policy/entry-kind.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { digestTags, listReferrers } from '../../registry/referrers.ts';
import { type Finding, warnOfCauses } from '../../run/finding.ts';
import { Memo } from '../../run/memo.ts';
import type { Observer } from '../../run/observer.ts';
import type { ContentStore } from '../../sources/source.ts';
import { TreeLimits } from '../../sources/tree-limits.ts';
import { type Content, treeOf } from './content.ts';

/** The content that is copied together with a manifest. */
export interface Referrers {
  /** Manifests whose subject it is. */
  readonly referrers: readonly Content[];
  /** Manifests that cosign attached to it by tags. */
  readonly tagged: readonly { readonly tag: string; readonly content: Content }[];
}

/** Where referrers are looked for: a repository or a layout. */
interface Place {
  readonly list: (subject: Digest) => Promise<readonly Descriptor[]>;
  readonly find: (entry: Descriptor) => Promise<Manifest | undefined>;
  readonly tagged: (tag: string) => Promise<Manifest | undefined>;
}

interface Search {
  readonly of: Content;
  readonly place: Place;
  readonly limits: TreeLimits;
}

/** What to do about referrers that are too many or too large. */
export const leaveReferrers =
  'Inspect the referrers with `oras discover NAME`, or set `copy-referrers: false` to publish without them.';

const none: Referrers = { referrers: [], tagged: [] };

/** Finds signatures, attestations and other referrers at their source, once for all targets. */
export class ReferrerFinder {
  readonly #client: RegistryClient;
  readonly #observer: Observer;
  readonly #found = new Memo<string, Referrers>();
  readonly #lost: Finding[] = [];

  constructor(client: RegistryClient, observer: Observer) {
    this.#client = client;
    this.#observer = observer;
  }

  find(content: Content): Promise<Referrers> {
    const { store, manifest } = content;
    const place = this.#placeOf(store);
    if (place === undefined) return Promise.resolve(none);
    const key = `${store.name}@${manifest.digest}`;
    const found = this.#found.get(key, () => this.#search(content, place));
    // The copy that needs it throws its failure.
    found.catch(() => undefined);
    return found;
  }

  /** Warns of the referrers that stay behind, once for each cause. */
  warnOfLost(): void {
    warnOfCauses(this.#lost, this.#observer);
  }

  /** Adds to what `warnOfLost` tells. */
  readonly lose = (finding: Finding): void => {
    this.#lost.push(finding);
  };

  #placeOf(store: ContentStore): Place | undefined {
    const { repository, referrers } = store;
    if (repository !== undefined) return this.#inRepository(repository);
    return (
      referrers && {
        list: (subject) => referrers.list(subject, this.#observer),
        find: ({ digest, size }) => store.getManifest(digest, size),
        tagged: (tag) => referrers.tagged(tag),
      }
    );
  }

  #inRepository(repository: Repository): Place {
    const client = this.#client;
    return {
      list: (subject) => listReferrers(client, repository, subject, this.lose),
      find: ({ digest, size }) => client.findManifest(repository, digest, size),
      tagged: async (tag) => {
        const head = await client.headManifest(repository, tag, 'background');
        return head && client.findManifest(repository, tag);
      },
    };
  }

  async #search(content: Content, place: Place): Promise<Referrers> {
    const search: Search = { of: content, place, limits: referrerLimits(content) };
    const [referrers, tagged] = await Promise.all([
      this.#referrers(search),
      Promise.all(digestTags(content.manifest.digest).map((tag) => this.#tagged(tag, search))),
    ]);
    return { referrers: referrers.flat(), tagged: tagged.flat() };
  }

  async #referrers(search: Search): Promise<Content[][]> {
    const { of, place, limits } = search;
    const entries = await place.list(of.manifest.digest);
    limits.count(entries);
    return Promise.all(entries.map((entry) => this.#referrer(entry, search)));
  }

  async #referrer(entry: Descriptor, search: Search): Promise<Content[]> {
    const { of, place } = search;
    const about = `${entry.digest} of ${of.label}`;
    if (!manifestTypes.includes(entry.mediaType)) {
      this.lose({
        about,
        say: (names) =>
          `Not copied, because ${entry.mediaType} is not a manifest type that can be copied: ${names}`,
      });
      return [];
    }
    const manifest = await place.find(entry);
    if (manifest === undefined) {
      this.lose({
        about,
        say: (names) =>
          `Not copied, because the source lists it as a referrer and does not have it: ${names}`,
      });
      return [];
    }
    if (manifest.content.subject?.digest !== of.manifest.digest) {
      this.#observer.debug(
        `${entry.digest} is listed as a referrer of ${of.manifest.digest}, but does not refer to it`,
      );
      return [];
    }
    return [await this.#tree(manifest, `${kindOf(manifest)} of ${of.label}`, search)];
  }

  async #tagged(tag: string, search: Search): Promise<Referrers['tagged']> {
    const { of, place } = search;
    const manifest = await place.tagged(tag);
    if (manifest === undefined) return [];
    if (!isAttachment(manifest)) {
      this.lose({
        about: `${tag} of ${of.label}`,
        say: (names) =>
          `Tags in ${of.store.name} were not copied, because they hold images or lists, not what cosign attaches: ${names}`,
      });
      return [];
    }
    const kind = tag.slice(tag.lastIndexOf('.') + 1);
    const content = await this.#tree(manifest, `cosign's ${kind} of ${of.label}`, search);
    return [{ tag, content }];
  }

  #tree(manifest: Manifest, label: string, { of, limits }: Search): Promise<Content> {
    return treeOf(manifest, of.store, label, limits);
  }
}

function kindOf({ content }: Manifest): string {
  const configType = content.kind === 'image' ? content.config.mediaType : 'index';
  return content.artifactType ?? configType;
}

/**
 * Whether `more` holds everything that `less` holds: cosign adds signatures as further layers. It keeps a signature in
 * an annotation of its layer, whose content is equal for all who sign one image, so whole descriptors are compared
 * (sigstore/cosign, specs/SIGNATURE_SPEC.md).
 */
export function includes(more: Manifest, less: Manifest): boolean {
  const held = new Set(partsOf(more));
  return partsOf(less).every((part) => held.has(part));
}

function partsOf({ content }: Manifest): readonly string[] {
  const parts = content.kind === 'image' ? content.layers : content.manifests;
  return parts.map(canonicalDescriptor);
}

/** One set of limits for all that refers to a manifest: the list of referrers, and what those list. */
function referrerLimits({ label, store }: Content): TreeLimits {
  return new TreeLimits(`the referrer tree of ${label} in ${store.name}`, leaveReferrers);
}
