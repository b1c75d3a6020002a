import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, DigestVerifier, digestMatches } from '../../oci/digest.ts';
import { type Manifest, manifestLimit, parseManifest } from '../../oci/manifest.ts';
import { type ManifestBudget, weightOf } from '../../registry/manifest-budget.ts';
import { Memo } from '../../run/memo.ts';
import type { ContentStore } from '../source.ts';
import { parseSource } from '../source-error.ts';
import { blobPath, type LayoutFiles, layoutError, layoutFile } from './layout-files.ts';
import { LayoutReferrers } from './layout-referrers.ts';

/** The content of an OCI image layout. Only manifests are kept in memory. */
export class LayoutStore implements ContentStore {
  readonly name: string;
  readonly referrers: LayoutReferrers;
  readonly #files: LayoutFiles;
  readonly #budget: ManifestBudget;
  readonly #manifests = new Memo<Digest, Manifest>();

  constructor(files: LayoutFiles, entries: readonly Descriptor[], budget: ManifestBudget) {
    this.name = files.name;
    this.referrers = new LayoutReferrers(entries, this);
    this.#files = files;
    this.#budget = budget;
  }

  /** Adds a manifest that is not in a file of the layout. */
  hold(manifest: Manifest): void {
    void this.#manifests.get(manifest.digest, async () => manifest);
  }

  getManifest(digest: Digest): Promise<Manifest> {
    return this.#manifests.get(digest, async () => {
      const name = `${digest} in ${this.name}`;
      this.#budget.hold(name, (await this.#files.size(blobPath(digest))) ?? 0);
      const manifest = await this.readManifest(digest);
      this.#budget.hold(name, weightOf(manifest));
      return manifest;
    });
  }

  // No registry has the content of a layout, so it will be copied.
  keep(manifest: Manifest): Manifest {
    return manifest;
  }

  async getBlob(descriptor: Descriptor): Promise<Uint8Array> {
    const path = blobPath(descriptor.digest);
    await this.#checkSize(path, descriptor.size);
    const bytes = await readWhole(this.#files, path, manifestLimit);
    if (digestMatches(bytes, descriptor.digest)) return bytes;
    throw layoutError(this.#files, `the digest of ${path} differs from its name`, damaged);
  }

  /** Checks the size first and, with offset 0, the digest at the end; throws SourceError. */
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

  /** Like getManifest, but the manifest is not kept. */
  async readManifest(digest: Digest): Promise<Manifest> {
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

/** Reads a small file of a layout. Throws SourceError when it is missing or has more than `maxSize` bytes. */
export async function readWhole(files: LayoutFiles, path: string, maxSize: number): Promise<Uint8Array> {
  const size = await files.size(path);
  if (size === undefined) throw missing(files, path);
  const chunks: Uint8Array[] = [];
  let read = 0;
  // The size that the file system states may be wrong; the bytes that are read count.
  if (size <= maxSize)
    for await (const chunk of files.open(path, 0)) {
      read += chunk.byteLength;
      if (read > maxSize) break;
      chunks.push(chunk);
    }
  if (Math.max(size, read) <= maxSize) return Buffer.concat(chunks);
  throw layoutError(files, `${path} has more than the maximum of ${maxSize} bytes`);
}

const damaged = { hint: 'Create it again: it was damaged or changed after it was created.' };

function missing(files: LayoutFiles, path: string): Error {
  return layoutError(files, `${path} is missing`, {
    hint: 'Create it again, with all platforms of the image: it is incomplete, or was truncated by a transfer.',
  });
}
