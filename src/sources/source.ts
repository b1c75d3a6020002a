import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type HeldManifest, isWhole, type Manifest } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import type { Reference, Repository } from '../oci/reference.ts';
import type { ManifestBudget } from '../registry/manifest-budget.ts';
import type { Observer } from '../run/observer.ts';

/** A parsed line of the `sources` input: the source that it names, and what the user declares for it. */
export interface SourceLine {
  /** The line as written, for messages. */
  readonly text: string;
  readonly line: number;
  /** How messages name its place, for a source of another input. */
  readonly place?: string | undefined;
  readonly locator: Locator;
  /** The platform fields that the user declared, and no others. */
  readonly declared: Partial<Platform>;
  /** Annotations for the entry, from `annotation.NAME=`. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A source line of one kind. */
export type Located<Kind extends Locator['kind']> = Omit<SourceLine, 'locator'> & {
  readonly locator: Extract<Locator, { readonly kind: Kind }>;
};

/** The source that a line names, by kind. */
export type Locator =
  | {
      readonly kind: 'reference';
      readonly repository: Repository;
      readonly tag?: string;
      readonly digest?: Digest;
    }
  | { readonly kind: 'digest'; readonly digest: Digest }
  | { readonly kind: 'descriptor'; readonly descriptor: Descriptor }
  | { readonly kind: 'oci'; readonly path: string; readonly pick?: LayoutPick }
  | { readonly kind: 'oci-archive'; readonly path: string; readonly pick?: LayoutPick }
  | { readonly kind: 'digests'; readonly path: string }
  | { readonly kind: 'metadata'; readonly path: string }
  | { readonly kind: 'docker-manifest'; readonly name: string };

/** Picks a manifest of a layout by its `org.opencontainers.image.ref.name`, or by digest. */
export type LayoutPick = { readonly tag: string } | { readonly digest: Digest };

/** Where a manifest and everything under it can be read. */
export interface ContentStore {
  /** For messages: `ghcr.io/acme/app`, `oci-archive:app.tar`. */
  readonly name: string;
  /** The repository, when the store is one; content there needs no upload to the same repository. */
  readonly repository?: Repository;
  /** What refers to its manifests, for a store that is no repository. */
  readonly referrers?: StoredReferrers;
  /**
   * Reads a manifest by digest and checks its bytes; throws SourceError when it is missing. `size` is the size that a
   * descriptor states; a registry's answer is read only until it exceeds that.
   */
  getManifest(digest: Digest, size?: number): Promise<Manifest>;
  /** What to keep of a manifest of this store; a registry's large images can be read again. */
  keep(manifest: Manifest): HeldManifest;
  /** Reads a whole blob of at most 4 MiB and checks its bytes against the descriptor. */
  getBlob(descriptor: Descriptor): Promise<Uint8Array>;
  /**
   * Streams a blob from byte `offset` (default 0) on; the caller checks digest and size. Each iteration opens it again.
   */
  openBlob(descriptor: Descriptor, offset?: number): AsyncIterable<Uint8Array>;
}

/** The manifests of a store that refer to others: signatures, attestations and other referrers. */
export interface StoredReferrers {
  /** Those that refer to a subject, or claim to; `observer` gets a warning about what cannot be read. */
  list(subject: Digest, observer: Pick<Observer, 'warning'>): Promise<readonly Descriptor[]>;
  /** The one that cosign attached by a tag, or the list that has the tag of the referrers. */
  tagged(tag: string): Promise<Manifest | undefined>;
}

/** A manifest that a source line resolved to, and the store that has its content. */
export interface Resolved {
  readonly line: SourceLine;
  /** Its name in messages: the line's reference, or the file or archive entry it came from. */
  readonly label: string;
  readonly manifest: HeldManifest;
  readonly store: ContentStore;
  /** The platform that the source itself declares (a draft or a descriptor); the line's declaration wins. */
  readonly platform?: Partial<Platform>;
  /** The directory of digests that has a file for it. */
  readonly directory?: string;
  /** Annotations that the source itself has (a descriptor). */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The context in which a run resolves its sources. */
export interface SourceContext {
  /** The workspace, to which paths in source lines are relative. */
  readonly directory: string;
  /** Docker's configuration directory; its `manifests` contains local drafts. */
  readonly dockerConfig: string;
  /** The repository that bare digests are in: the one of all targets, or undefined when they have several. */
  readonly repository: Repository | undefined;
  readonly targets: readonly Repository[];
  readonly observer: Pick<Observer, 'warning'>;
  /** Counts the manifests of layouts; `fetch` counts those that it reads. */
  readonly budget: ManifestBudget;
  /** Whether a login may be sent for a repository. */
  mayLogIn(repository: Repository): Promise<boolean>;
  /** Reads the manifest that a reference names from its registry; throws SourceError naming the line. */
  fetch(line: SourceLine, reference: Reference): Promise<Resolved>;
}

/** A kept manifest with its bytes, read again if they were let go. */
export async function wholeManifest(kept: Pick<Resolved, 'manifest' | 'store'>): Promise<Manifest> {
  const { manifest, store } = kept;
  return isWhole(manifest) ? manifest : store.getManifest(manifest.digest, manifest.size);
}
