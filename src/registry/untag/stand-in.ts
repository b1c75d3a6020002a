import { randomUUID } from 'node:crypto';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';
import { type Manifest, parseManifest } from '../../oci/manifest.ts';
import { ociManifest } from '../../oci/media-types.ts';
import type { Repository } from '../../oci/reference.ts';
import { openUpload } from '../blobs/upload-session.ts';
import type { RegistryClient } from '../client.ts';

const emptyBytes = Buffer.from('{}');

/** The empty descriptor of OCI image-spec 1.1, manifest.md, "Guidance for an Empty Descriptor". */
const empty: Descriptor = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: digestOf(emptyBytes),
  size: emptyBytes.byteLength,
};

/** An artifact without content and with a unique digest. */
export function standIn(): Manifest {
  const document = {
    schemaVersion: 2,
    mediaType: ociManifest,
    artifactType: 'application/vnd.oci.empty.v1+json',
    config: empty,
    layers: [empty],
    annotations: { 'org.opencontainers.image.title': `stand-in ${randomUUID()}` },
  };
  return parseManifest(Buffer.from(JSON.stringify(document)), ociManifest);
}

/** Pushes the content of stand-ins, two bytes, to a repository. */
export async function provideStandInContent(client: RegistryClient, repository: Repository): Promise<void> {
  if (await client.hasBlob(repository, empty.digest)) return;
  const session = await openUpload(client, repository);
  await session.finish(empty, emptyBytes, empty.size);
}
