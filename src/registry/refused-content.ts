import { attestationSubject, predicateTypes } from '../oci/attestation.ts';
import type { ImageIndex, ImageManifest, Manifest } from '../oci/manifest.ts';
import { isDockerType } from '../oci/media-types.ts';

type Content = Pick<Manifest, 'mediaType' | 'content'>;

/**
 * What helps against a registry that refuses a manifest, by what the manifest is. Yandex and Artifactory 6 refuse
 * attestations, older Harbor and Alibaba's registry empty configs, Nexus mixed lists, zot may refuse Docker's.
 */
export function refusedContentHint(manifest: Content, answer: string): string {
  const { content } = manifest;
  return content.kind === 'index'
    ? listHint(content, manifest.mediaType, answer)
    : imageHint(manifest, content);
}

const withoutAttestations = 'set `attestations: drop`, or build with `provenance: false` and without `sbom`';

function listHint({ manifests }: ImageIndex, mediaType: string, answer: string): string {
  const isAboutPlatform = /unknown\/unknown|platform|attestation/i.test(answer);
  const hasAttestations = manifests.some((entry) => attestationSubject(entry) !== undefined);
  if (hasAttestations && isAboutPlatform) return `The list has attestations: ${withoutAttestations}.`;
  const hints = [
    isMixed(manifests.map((entry) => entry.mediaType)) &&
      'The list mixes Docker and OCI images: build all of them with the same exporter.',
    hasAttestations && `If the registry takes no attestations, ${withoutAttestations}.`,
    isDockerType(mediaType) && 'If the registry takes no Docker lists, set `format: oci`.',
  ].filter((hint) => hint !== false);
  return hints.join(' ') || oldRegistry;
}

const oldRegistry =
  'If the registry is old and does not support OCI indexes, build Docker images and set `format: docker`.';

function isMixed(types: readonly string[]): boolean {
  return types.some(isDockerType) && !types.every(isDockerType);
}

function imageHint({ mediaType, content }: Content, { config }: ImageManifest): string {
  if (predicateTypes({ content }).length > 0) return `This is an attestation: ${withoutAttestations}.`;
  if (config.mediaType === 'application/vnd.oci.empty.v1+json') {
    return `This is an artifact without a config: if it is an attestation, ${withoutAttestations}; if it is a signature, leave \`copy-referrers\` out.`;
  }
  const other = isDockerType(mediaType) ? ['Docker', 'OCI', true] : ['OCI', 'Docker', false];
  return `If the registry takes no ${other[0]} images, build ${other[1]} images (\`outputs: type=image,oci-mediatypes=${other[2]}\`).`;
}
