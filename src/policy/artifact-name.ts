import type { Manifest } from '../oci/manifest.ts';
import { essence, manifestTypes } from '../oci/media-types.ts';

/** What a media type of a config, a layer or an artifact stands for; the first that fits. */
const names: readonly (readonly [type: RegExp, name: string])[] = [
  [/\bhelm\b/, 'a Helm chart'],
  [/\bbuildkit\.cacheconfig\b/, 'a build cache'],
  [/\bspdx\b.*\bdsse$|\bin-toto\b|docker\.attestation/, 'an attestation'],
  [/\bspdx\b|\bcyclonedx\b|\bsyft\b|\bsbom\b/, 'an SBOM'],
  [/\bsimplesigning\b|\bcosign\.artifact\.sig\b|\bnotary\.signature\b/, 'a signature'],
  [/\bsigstore\.bundle\b/, 'a sigstore bundle'],
  [/\bsoci\b/, 'a SOCI index'],
  [/\bdocker\.plugin\b/, 'a Docker plugin'],
  [/\bdevcontainers\b/, 'a dev container feature'],
  [/\bflux\b/, 'a Flux artifact'],
  [/\bsylabs\b/, 'a Singularity image'],
];

/**
 * What a manifest is that is no image, for messages, such as `a Helm chart` or `an SBOM of sha256:…`: its types say so,
 * or it lists content that is no manifest. An image gets a name by its layers only, as old signatures have the config
 * of an image; undefined when nothing is known of it.
 */
export function artifactName({ content }: Pick<Manifest, 'content'>): string | undefined {
  const { artifactType = '', subject } = content;
  if (content.kind === 'index') return listName(content.manifests.map(({ mediaType }) => mediaType));
  const types = [artifactType, content.config.mediaType, ...content.layers.map(({ mediaType }) => mediaType)];
  const name = types.flatMap((type) => nameOf(type) ?? [])[0];
  return name && (subject === undefined ? name : `${name} of ${subject.digest}`);
}

/** As {@link artifactName}, with the type of an artifact that has no name: `an artifact of the type …`. */
export function describeArtifact(manifest: Pick<Manifest, 'content'>): string {
  const { content } = manifest;
  const type = content.artifactType ?? (content.kind === 'image' ? content.config.mediaType : '');
  return artifactName(manifest) ?? `an artifact of the type ${essence(type) || 'unknown'}`;
}

function nameOf(type: string): string | undefined {
  return names.find(([pattern]) => pattern.test(essence(type)))?.[1];
}

// BuildKit's older caches list their layers in an index.
function listName(types: readonly string[]): string | undefined {
  const other = types.filter((type) => !manifestTypes.includes(type));
  if (other.length === 0) return undefined;
  const name = other.flatMap((type) => nameOf(type) ?? [])[0];
  return name ?? `a list of content that is no image (${essence(other[0] ?? '') || 'unknown'})`;
}
