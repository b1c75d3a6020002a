import { type Digest, parseDigest } from '../oci/digest.ts';
import { FormatError, quote } from '../oci/format-error.ts';
import { objectAt } from '../oci/json-document.ts';
import { parseReference, type Reference } from '../oci/reference.ts';

/** The image that a build made, by the metadata that BuildKit writes. */
export interface BuildResult {
  readonly digest: Digest;
  /** The names that the image was pushed as; empty when the metadata has none. */
  readonly names: readonly Reference[];
}

type Metadata = Readonly<Record<string, unknown>>;

/**
 * Whether the object is the metadata of one built image, rather than a map of targets. A build that pushed nothing may
 * write only the digest of the config, which no registry has as a manifest.
 */
export function isBuildResult(value: Metadata): boolean {
  const keys = ['containerimage.digest', 'containerimage.descriptor', 'containerimage.config.digest'];
  return keys.some((key) => Object.hasOwn(value, key));
}

/** Whether the object is the metadata of a build that made no image. */
export function isBuildWithoutImage(value: Metadata): boolean {
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every(isBuildRecord);
}

/** Whether a key of build metadata is about the build itself (provenance, warnings, its ref), not about an image. */
export function isBuildRecord(key: string): boolean {
  return key.startsWith('buildx.build.');
}

/**
 * Reads the metadata of one image: `containerimage.digest` (else the digest in `containerimage.descriptor`), and
 * `image.name`, a comma-separated list (docs.docker.com, `docker buildx build --metadata-file`). Throws FormatError
 * when there is no digest, when two differ, or when a name is not a reference.
 */
export function parseBuildResult(value: Metadata): BuildResult {
  const stated = readDigest(value['containerimage.digest'], 'containerimage.digest');
  const described = readDescriptorDigest(value['containerimage.descriptor']);
  if (stated !== undefined && described !== undefined && stated !== described) {
    const message = `containerimage.digest is ${stated}, but the descriptor says ${described}`;
    throw new FormatError(message, 'the same digest');
  }
  const digest = stated ?? described;
  if (digest === undefined || digest === value['containerimage.config.digest'])
    throw new FormatError(
      `the build pushed no image: ${digest === undefined ? 'containerimage.digest is missing' : 'its digest is that of a config'}`,
      'metadata of a build with `push: true`, or `outputs: type=image,push=true`',
    );
  return { digest, names: readNames(value['image.name']) };
}

function readDigest(value: unknown, name: string): Digest | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return parseDigest(value);
  throw new FormatError(`${name} is not a string`, 'a digest');
}

function readDescriptorDigest(value: unknown): Digest | undefined {
  const name = 'containerimage.descriptor';
  return value === undefined ? undefined : readDigest(objectAt(value, name)['digest'], `${name}.digest`);
}

function readNames(value: unknown): readonly Reference[] {
  if (value === undefined) return [];
  if (typeof value !== 'string')
    throw new FormatError('image.name is not a string', 'names separated by commas');
  const names = value.split(',').map((name) => name.trim());
  return names.filter((name) => name !== '').map(readName);
}

function readName(name: string): Reference {
  try {
    return parseReference(name);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`image.name contains ${quote(name)}: ${error.message}`, error.expected);
  }
}
