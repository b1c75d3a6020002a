import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import type { Reference, Repository } from '../oci/reference.ts';

/** One line of the `sources` input, parsed: what it names and what the user says of it. */
export interface SourceLine {
  /** The line as written, for messages. */
  readonly text: string;
  /** 1-based line of the input. */
  readonly line: number;
  readonly locator: Locator;
  /** The platform fields the user declared; only those given are present. */
  readonly declared: Partial<Platform>;
  /** Annotations for the entry, from `annotation.NAME=`. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A source line of one kind. */
export type Located<Kind extends Locator['kind']> = Omit<SourceLine, 'locator'> & {
  readonly locator: Extract<Locator, { readonly kind: Kind }>;
};

/** What a source line names, by kind. */
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

/** Which manifest of a layout is meant: its `org.opencontainers.image.ref.name`, or a digest. */
export type LayoutPick = { readonly tag: string } | { readonly digest: Digest };

/** Where a manifest and everything under it can be read. */
export interface ContentStore {
  /** For messages: `ghcr.io/acme/app`, `oci-archive:app.tar`. */
  readonly name: string;
  /** The repository, when the store is one; content there needs no upload to the same repository. */
  readonly repository?: Repository;
  /**
   * Reads a manifest by digest, its bytes checked; throws SourceError when it is not there. `size`: the bytes it
   * is said to have; where it comes from a stranger, no more are read than are needed to tell that it has others.
   */
  getManifest(digest: Digest, size?: number): Promise<Manifest>;
  /** Reads a small blob whole, its bytes checked against the descriptor; at most 4 MiB. */
  getBlob(descriptor: Descriptor): Promise<Uint8Array>;
  /**
   * Opens a blob as a stream from `offset` (default 0) bytes in; the reader checks digest and size.
   * Iterating again opens it again.
   */
  openBlob(descriptor: Descriptor, offset?: number): AsyncIterable<Uint8Array>;
}

/** What a source line came to: a manifest, and the store its content is in. */
export interface Resolved {
  readonly line: SourceLine;
  /** The name to show for it: the line's reference, or the file or archive entry it came from. */
  readonly label: string;
  readonly manifest: Manifest;
  readonly store: ContentStore;
  /** The platform that the source itself carries (a draft's or a descriptor's); the line's declaration wins. */
  readonly platform?: Partial<Platform>;
  /** Annotations that the source itself carries (a descriptor's). */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What resolving a source may use; one for the whole run. */
export interface SourceContext {
  /** Relative paths in source lines start here: the workspace. */
  readonly directory: string;
  /** The docker configuration directory, whose `manifests` holds local drafts. */
  readonly dockerConfig: string;
  /** The repository that bare digests are in: the targets' one, or undefined when the targets have several. */
  readonly repository: Repository | undefined;
  /** Reads what a reference names from its registry; throws SourceError naming the line when it cannot. */
  fetch(line: SourceLine, reference: Reference): Promise<Resolved>;
}

/** Resolves a line of one kind; throws SourceError naming the line when it cannot. */
export type ResolveSource = (line: SourceLine, context: SourceContext) => Promise<readonly Resolved[]>;
