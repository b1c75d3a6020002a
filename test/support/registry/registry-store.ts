/** The content of a test registry, in memory. */
import { createHash } from 'node:crypto';
import type { ManifestDocument } from '../images/manifest-document.ts';

export interface StoredManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: string;
  readonly document: ManifestDocument;
}

export interface StoredBlob {
  readonly size: number;
  /** Bytes from `start` up to and without `end`; absent when only digest and size were remembered. */
  readonly read?: (start: number, end: number) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A blob held as bytes. */
export function blobOf(bytes: Uint8Array): StoredBlob {
  return { size: bytes.length, read: (start, end) => [bytes.subarray(start, end)] };
}

export function digestText(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export class RepositoryStore {
  readonly manifests = new Map<string, StoredManifest>();
  readonly blobs = new Map<string, StoredBlob>();
  readonly #tags = new Map<string, string>();
  readonly #previous = new Map<string, string | undefined>();

  /** Tag → digest, now. */
  get tags(): ReadonlyMap<string, string> {
    return this.#tags;
  }

  setTag(tag: string, digest: string): void {
    this.#previous.set(tag, this.#tags.get(tag));
    this.#tags.set(tag, digest);
  }

  removeTag(tag: string): boolean {
    return this.#tags.delete(tag);
  }

  /** The manifest a tag or digest stands for; `previous` looks at tags as they were before their last write. */
  find(reference: string, view: 'current' | 'previous' = 'current'): StoredManifest | undefined {
    if (reference.includes(':')) return this.manifests.get(reference);
    const seen = view === 'previous' && this.#previous.has(reference);
    const digest = seen ? this.#previous.get(reference) : this.#tags.get(reference);
    return digest === undefined ? undefined : this.manifests.get(digest);
  }

  /** Removes a manifest and every tag on it. */
  removeManifest(digest: string): boolean {
    for (const [tag, held] of this.#tags) if (held === digest) this.#tags.delete(tag);
    return this.manifests.delete(digest);
  }
}

export class RegistryStore {
  readonly #repositories = new Map<string, RepositoryStore>();

  /** The repository of that name, made when there is none. */
  repository(name: string): RepositoryStore {
    const known = this.#repositories.get(name);
    if (known !== undefined) return known;
    const made = new RepositoryStore();
    this.#repositories.set(name, made);
    return made;
  }

  has(name: string): boolean {
    return this.#repositories.has(name);
  }

  get names(): string[] {
    return [...this.#repositories.keys()].sort();
  }
}
