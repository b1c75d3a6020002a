/** Putting test content into any registry over its API. */
import type { TestContent } from '../images/images.ts';
import type { RegistryAddress } from './registry-handle.ts';
import { expectRegistry } from './registry-request.ts';
import type { StoredBlob } from './registry-store.ts';

/** Pushes content with all it needs under a tag, or only by digest; returns its digest. Throws when it is refused. */
export async function pushImage(
  address: RegistryAddress,
  repository: string,
  tag: string | undefined,
  content: TestContent,
): Promise<string> {
  for (const child of content.children) await pushImage(address, repository, undefined, child);
  for (const [digest, blob] of content.blobs) await pushBlob(address, repository, { ...blob, digest });
  const path = `/v2/${repository}/manifests/${tag ?? content.digest}`;
  const headers = { 'content-type': content.mediaType };
  await expectRegistry(address, { method: 'PUT', path, headers, body: content.bytes }, [201]);
  return content.digest;
}

/** Pushes one blob unless it is there. */
export async function pushBlob(
  address: RegistryAddress,
  repository: string,
  blob: StoredBlob & { readonly digest: string },
): Promise<void> {
  const path = `/v2/${repository}/blobs/${blob.digest}`;
  const head = await expectRegistry(address, { method: 'HEAD', path }, [200, 404]);
  if (head.status === 200 || blob.read === undefined) return;
  const start = { method: 'POST', path: `/v2/${repository}/blobs/uploads/` };
  const { headers } = await expectRegistry(address, start, [202]);
  const location = new URL(headers.location ?? '', address.url);
  location.searchParams.set('digest', blob.digest);
  const put = {
    method: 'PUT',
    path: location.href,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
    body: blob.read(0, blob.size),
  };
  await expectRegistry(address, put, [201]);
}
