import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { type Manifest, parseManifest } from '../oci/manifest.ts';
import { ociManifest } from '../oci/media-types.ts';

const emptyType = 'application/vnd.oci.empty.v1+json';
const placeholderType = 'application/vnd.multiarch-manifest-action.placeholder.v1';
const title = 'org.opencontainers.image.title';

/** The content of placeholders: two bytes. */
export const emptyContent: Uint8Array = Buffer.from('{}');

/** The empty descriptor of OCI image-spec 1.1, manifest.md, "Guidance for an Empty Descriptor". */
export const empty: Descriptor = {
  mediaType: emptyType,
  digest: digestOf(emptyContent),
  size: emptyContent.byteLength,
};

/** An artifact without content, which holds a tag until the tag is removed. Placeholders of one name have one digest. */
export function placeholder(name: string): Manifest {
  const document = {
    schemaVersion: 2,
    mediaType: ociManifest,
    artifactType: placeholderType,
    config: empty,
    layers: [empty],
    annotations: { [title]: `placeholder ${name}` },
  };
  return parseManifest(Buffer.from(JSON.stringify(document)), ociManifest);
}

/** Whether a manifest is a placeholder of this action, also in its first form; never what has the config of an image. */
export function isPlaceholder({ content }: Pick<Manifest, 'content'>): boolean {
  if (content.kind !== 'image' || content.config.mediaType !== emptyType) return false;
  if (content.artifactType === placeholderType) return true;
  return (
    content.artifactType === emptyType && /^stand-in [0-9a-f-]{36}$/.test(content.annotations?.[title] ?? '')
  );
}
