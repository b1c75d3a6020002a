import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, DigestVerifier, digestMatches } from '../../oci/digest.ts';
import { type Manifest, manifestLimit, parseManifest } from '../../oci/manifest.ts';
import type { ContentStore } from '../source.ts';
import { parseSource } from '../source-error.ts';
import { blobPath, type LayoutFiles, layoutError, layoutFile } from './layout-files.ts';

/** An OCI image layout as a place to read from. Nothing is kept but manifests. */
export class LayoutStore implements ContentStore {
  readonly name: string;
  readonly #files: LayoutFiles;
  readonly #manifests = new Map<Digest, Promise<Manifest>>();

  constructor(files: LayoutFiles) {
    this.name = files.name;
    this.#files = files;
  }

  /** Adds a manifest that is in no file of the layout. */
  hold(manifest: Manifest): void {
    this.#manifests.set(manifest.digest, Promise.resolve(manifest));
  }

  getManifest(digest: Digest): Promise<Manifest> {
    const known = this.#manifests.get(digest) ?? this.#readManifest(digest);
    this.#manifests.set(digest, known);
    return known;
  }

  async getBlob(descriptor: Descriptor): Promise<Uint8Array> {
    const path = blobPath(descriptor.digest);
    await this.#checkSize(path, descriptor.size);
    const bytes = await readWhole(this.#files, path, manifestLimit);
    if (digestMatches(bytes, descriptor.digest)) return bytes;
    throw layoutError(this.#files, `the bytes of ${path} have another digest than its name`, damaged);
  }

  /** Checks the size before, and with offset 0 the digest after, the last byte; both fail as a SourceError. */
  async *openBlob(descriptor: Descriptor, offset = 0): AsyncGenerator<Uint8Array> {
    const path = blobPath(descriptor.digest);
    await this.#checkSize(path, descriptor.size);
    const verifier = offset === 0 ? new DigestVerifier(descriptor) : undefined;
    for await (const chunk of this.#files.open(path, offset)) {
      this.#check(path, () => verifier?.update(chunk));
      yield chunk;
    }
    this.#check(path, () => verifier?.finish());
  }

  async #readManifest(digest: Digest): Promise<Manifest> {
    const path = blobPath(digest);
    const bytes = await readWhole(this.#files, path, manifestLimit);
    return this.#check(path, () => parseManifest(bytes, undefined, digest));
  }

  async #checkSize(path: string, size: number): Promise<void> {
    const actual = await this.#files.size(path);
    if (actual === undefined) throw missing(this.#files, path);
    if (actual === size) return;
    throw layoutError(this.#files, `${path} has ${actual} bytes, but its descriptor says ${size}`, damaged);
  }

  #check<T>(path: string, read: () => T): T {
    return parseSource(layoutFile(this.#files, path), read, damaged.hint);
  }
}

/**
 * Reads a small file of a layout.
 *
 * @throws SourceError when it is not there or has more than `limit` bytes.
 */
export async function readWhole(files: LayoutFiles, path: string, limit: number): Promise<Uint8Array> {
  const size = await files.size(path);
  if (size === undefined) throw missing(files, path);
  if (size > limit) throw layoutError(files, `${path} has ${size} bytes; at most ${limit} are read`);
  return Buffer.concat(await Array.fromAsync(files.open(path, 0)));
}

const damaged = { hint: 'It is damaged, or was changed after it was made: make it again.' };

function missing(files: LayoutFiles, path: string): Error {
  return layoutError(files, `${path} is not there`, {
    hint: 'It is incomplete: cut off on its way here, or made without all platforms of the image.',
  });
}
