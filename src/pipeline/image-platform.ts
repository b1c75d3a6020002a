import { type ImageConfig, parseConfig } from '../oci/config.ts';
import { findEmbeddedFlaw } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { FormatError } from '../oci/format-error.ts';
import type { HeldManifest, ImageManifest } from '../oci/manifest.ts';
import { isConfigType } from '../oci/media-types.ts';
import { agreePlatform, describePlatform, isAskedPlatform, type Platform } from '../oci/platform.ts';
import { askedVariant } from '../oci/platform-names.ts';
import { artifactName, describeArtifact } from '../policy/artifact-name.ts';
import { ActionError, ConflictError, SourceError } from '../run/errors.ts';
import type { Resolved } from '../sources/source.ts';
import { asSourceError, placeOf, requestError, sourceError } from '../sources/source-error.ts';

/** The platform of an image, and what its config says of it. */
export interface ImagePlatform {
  readonly platform: Platform;
  /** The platform with the config's part of it normalised, for formats that write it so. */
  readonly normalized?: Platform | undefined;
  /** Why `platform`, which was declared, contradicts the content. */
  readonly mismatch?: ConflictError | SourceError | undefined;
}

/** A platform that was declared for a manifest. */
interface PlatformClaim {
  readonly declared: Partial<Platform>;
  readonly manifest: HeldManifest;
  /** How a message about a contradiction begins: `app:1 is declared`. */
  readonly claim: string;
  /** The document that states the real platform. */
  readonly authority: 'its config' | 'the list';
}

/** The platform fields that the line or the source itself declares; the line's win. */
export function declaredPlatform({ platform, line }: Resolved): Partial<Platform> {
  const declared = Object.entries({ ...platform, ...line.declared });
  // Documents may leave a part of the platform empty.
  return Object.fromEntries(declared.filter(([, value]) => value !== ''));
}

/**
 * Compares what was declared with the real platform, which is undefined when nothing states it. Throws SourceError
 * PLATFORM_UNKNOWN when both together are not a whole platform.
 */
export function agreedPlatform(
  resolved: Resolved,
  claim: PlatformClaim,
  real: Platform | undefined,
): ImagePlatform {
  const { os, architecture } = claim.declared;
  if (real !== undefined) {
    const agreement = agreePlatform(claim.declared, real);
    if (agreement.kind === 'agreed') return agreement;
    const { declared, fields } = agreement;
    const said = `${claim.claim} ${describePlatform(declared)}`;
    const stated = `${claim.authority} says ${describePlatform(real)} (${fields.join(', ')})`;
    return { platform: declared, mismatch: mismatch(resolved, `${said}, but ${stated}`) };
  }
  if (os && architecture) return { platform: { ...claim.declared, os, architecture } };
  throw platformless(resolved, claim.manifest);
}

/**
 * As {@link agreedPlatform}, for what the source line declares: variants are written as clients look for them, and a
 * stated platform contradicts a variant of the image that no client asks for, such as that of `linux/amd64/v8`.
 */
export function statedPlatform(
  resolved: Resolved,
  claim: PlatformClaim,
  real: Platform | undefined,
): ImagePlatform {
  const { declared: said } = resolved.line;
  const architecture = claim.declared.architecture ?? real?.architecture ?? '';
  const spelled = said.variant === undefined ? {} : { variant: askedVariant(architecture, said.variant) };
  const declared = { ...claim.declared, ...spelled };
  const agreed = agreedPlatform(resolved, { ...claim, declared }, real);
  const isWhole = said.os !== undefined && said.architecture !== undefined && declared.variant === undefined;
  if (real === undefined || !isWhole || agreed.mismatch || isAskedPlatform(agreed.platform)) return agreed;
  const { variant, ...platform } = agreed.platform;
  const message = `${claim.claim} ${describePlatform(platform)}, but ${claim.authority} says ${describePlatform(real)} (variant)`;
  return variant === undefined ? agreed : { platform, mismatch: mismatch(resolved, message) };
}

function mismatch({ line }: Resolved, message: string): ConflictError {
  return new ConflictError('PLATFORM_MISMATCH', `sources line ${line.line}: ${message}`, {
    hint: 'Correct the platform, or leave it out: it is read from the image. If the config is wrong, set `platform-mismatch: warn`.',
  });
}

/** The platform declared for what is no image, as its mismatch says; throws SOURCE_NOT_AN_IMAGE without a whole one. */
export function foreignPlatform(resolved: Resolved, { declared, manifest }: PlatformClaim): ImagePlatform {
  const { os, architecture } = declared;
  const error = notAnImage(resolved, describeArtifact(manifest));
  if (!os || !architecture) throw error;
  return { platform: { ...declared, os, architecture }, mismatch: error };
}

/** The error about a source that is no image. */
export function notAnImage({ line, label }: Resolved, name: string): SourceError {
  return sourceError(line, 'SOURCE_NOT_AN_IMAGE', `${label} is no image, but ${name}`, {
    hint: 'Remove it from `sources`: a list has images. To list something else, such as a disk image, write its platform behind it and set `platform-mismatch: warn`.',
  });
}

function platformless(resolved: Resolved, manifest: HeldManifest): SourceError {
  const { line, label } = resolved;
  const name = artifactName(manifest);
  if (name !== undefined) return notAnImage(resolved, name);
  return sourceError(line, 'PLATFORM_UNKNOWN', `${label} has no platform: its config states none`, {
    hint: 'Write the platform after the source, such as `linux/arm64`, if it belongs in the list.',
  });
}

/** Reads an image's config; undefined when it is not the config of an image. */
export function readConfig(resolved: Resolved, image: ImageManifest): Promise<ImageConfig | undefined> {
  const { config } = image;
  if (!isConfigType(config.mediaType)) return Promise.resolve(undefined);
  return readContent(resolved, config.digest, async () => {
    const bytes = await resolved.store.getBlob(config);
    const flaw = config['urls'] === undefined ? findEmbeddedFlaw(config, bytes) : undefined;
    if (flaw !== undefined) throw new FormatError(`the config ${flaw}`, 'the config itself in base64');
    return parseConfig(bytes);
  });
}

/** Reads a part of a source; its failures become failures of the source. */
export async function readContent<T>(resolved: Resolved, digest: Digest, read: () => Promise<T>): Promise<T> {
  const { line, label } = resolved;
  try {
    return await read();
  } catch (error) {
    if (error instanceof SourceError || !(error instanceof ActionError)) {
      const config = {
        line: line.line,
        place: line.place,
        code: 'SOURCE_NOT_AN_IMAGE',
        name: `${label} has an invalid config`,
      } as const;
      throw asSourceError(error, config, 'Build the image again.');
    }
    if (error.code !== 'NOT_FOUND') throw requestError(line, label, error);
    const message = `${placeOf(line)}: ${label} is incomplete: ${digest} is missing`;
    throw new SourceError(error.code, message, { hint: incomplete, cause: error });
  }
}

const incomplete =
  'Build and push the image again: a clean-up may have deleted a part of it from the registry.';

/** A declared platform in words; it may have some of the fields only. */
export function describeDeclared(declared: Partial<Platform>): string {
  const { os, architecture } = declared;
  if (os !== undefined && architecture !== undefined)
    return describePlatform({ ...declared, os, architecture });
  return Object.entries(declared)
    .map(([field, value]) => `${field} ${[value].flat().join(',')}`)
    .join(', ');
}
