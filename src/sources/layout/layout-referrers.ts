import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { isImageType, isIndexType } from '../../oci/media-types.ts';
import { referrersTag } from '../../registry/referrers.ts';
import { SourceError } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { Observer } from '../../run/observer.ts';
import type { StoredReferrers } from '../source.ts';
import { hasTag, namesOf } from './layout-files.ts';

interface ManifestStore {
  getManifest(digest: Digest): Promise<Manifest>;
  readManifest(digest: Digest): Promise<Manifest>;
}

/** In this annotation, `cosign save` writes what a manifest is (sigstore/cosign, pkg/oci/layout). */
const kindKey = 'kind';
const kindPrefix = 'dev.cosignproject.cosign/';
const cosignKinds: Readonly<Record<string, string>> = { sig: 'sigs', att: 'atts' };

/** A tag with which clients attach a manifest to another one: `sha256-…`, `sha256-….sig`. */
const attachedName = /(^|:)sha(256|512)-[0-9a-f]{64}(\.\w+)?$/;

/** Whether an entry of index.json is named as one that is attached to an image: a signature, or a list of referrers. */
export function isAttached(entry: Descriptor): boolean {
  const kind = cosignKind(entry);
  if (kind !== undefined) return !kind.startsWith('image');
  return namesOf(entry).some((name) => attachedName.test(name));
}

/**
 * What index.json lists beside the images of a layout: manifests with a subject, as `oras cp -r` writes them, lists of
 * referrers and cosign's tags as names, as `regctl image copy` does, and the kinds of `cosign save`.
 */
export class LayoutReferrers implements StoredReferrers {
  readonly #entries: readonly Descriptor[];
  readonly #store: ManifestStore;
  readonly #bySubject = new Memo<'all', ReadonlyMap<Digest, readonly Descriptor[]>>();

  constructor(entries: readonly Descriptor[], store: ManifestStore) {
    this.#entries = entries;
    this.#store = store;
  }

  async list(subject: Digest, observer: Pick<Observer, 'warning'>): Promise<readonly Descriptor[]> {
    const bySubject = await this.#bySubject.get('all', () => this.#readSubjects(observer));
    const tagged = await this.tagged(referrersTag(subject));
    const listed = tagged?.content.kind === 'index' ? tagged.content.manifests : [];
    const all = [...(bySubject.get(subject) ?? []), ...listed];
    return [...new Map(all.map((entry) => [entry.digest, entry])).values()];
  }

  async tagged(tag: string): Promise<Manifest | undefined> {
    const entry =
      this.#entries.find((each) => namesOf(each).some((name) => name === tag || hasTag(tag)(name))) ??
      this.#ofKind(tag);
    return entry === undefined ? undefined : this.#store.getManifest(entry.digest);
  }

  // `cosign save` writes one image to a layout, and what is attached to that.
  #ofKind(tag: string): Descriptor | undefined {
    const [attached = '', suffix = ''] = tag.split('.', 2);
    const kind = cosignKinds[suffix];
    const image = this.#entries.find((entry) => cosignKind(entry)?.startsWith('image'));
    if (kind === undefined || image === undefined || referrersTag(image.digest) !== attached)
      return undefined;
    return this.#entries.find((entry) => cosignKind(entry) === kind);
  }

  // One by one, and only the subjects are kept: the manifests may be large.
  async #readSubjects(observer: Pick<Observer, 'warning'>) {
    const found = new Map<Digest, Descriptor[]>();
    for (const entry of this.#entries) {
      if (!isImageType(entry.mediaType) && !isIndexType(entry.mediaType)) continue;
      const manifest = await this.#read(entry.digest, observer);
      const subject = manifest?.content.subject;
      if (manifest === undefined || subject === undefined) continue;
      const { mediaType, digest, size } = manifest;
      found.set(subject.digest, [...(found.get(subject.digest) ?? []), { mediaType, digest, size }]);
    }
    return found;
  }

  async #read(digest: Digest, observer: Pick<Observer, 'warning'>): Promise<Manifest | undefined> {
    try {
      return await this.#store.readManifest(digest);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      observer.warning(`${error.message}. If it is a signature or another referrer, it was not copied`);
      return undefined;
    }
  }
}

function cosignKind({ annotations }: Descriptor): string | undefined {
  const kind = annotations?.[kindKey];
  return kind?.startsWith(kindPrefix) ? kind.slice(kindPrefix.length) : undefined;
}
