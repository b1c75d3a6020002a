import { canonicalDescriptor, type Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { manifestTypes } from '../../oci/media-types.ts';
import type { Repository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { digestTags, listReferrers } from '../../registry/referrers.ts';
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

const none: Referrers = { referrers: [], tagged: [] };

/** Finds signatures, attestations and other referrers at their source, once for all targets. */
export class ReferrerFinder {
  readonly #client: RegistryClient;
  readonly #observer: Observer;
  readonly #found = new Memo<string, Referrers>();
  readonly #warned = new Set<string>();

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

  /** Shows a warning once, however many images it is about. */
  warning(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#observer.warning(text);
  }

  #placeOf(store: ContentStore): Place | undefined {
    const { repository, referrers } = store;
    if (repository !== undefined) return this.#inRepository(repository);
    return (
      referrers && {
        list: (subject) => referrers.list(subject, this),
        find: ({ digest, size }) => store.getManifest(digest, size),
        tagged: (tag) => referrers.tagged(tag),
      }
    );
  }

  #inRepository(repository: Repository): Place {
    const client = this.#client;
    return {
      list: (subject) => listReferrers(client, repository, subject, this),
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
    if (!manifestTypes.includes(entry.mediaType)) {
      this.#observer.warning(
        `${entry.digest}, which refers to ${of.label}, was not copied: ${entry.mediaType} is not a manifest type that can be copied`,
      );
      return [];
    }
    const manifest = await place.find(entry);
    if (manifest === undefined) {
      this.#observer.warning(
        `${entry.digest}, which is listed as a referrer of ${of.label}, was not copied: it does not exist`,
      );
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
  const hint =
    'Inspect the referrers with `oras discover NAME`, or set `copy-referrers: false` to copy without them.';
  return new TreeLimits(`the referrer tree of ${label} in ${store.name}`, hint);
}
