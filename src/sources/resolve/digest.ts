import { type Descriptor, findEmbeddedFlaw } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import {
  type Located,
  type Resolved,
  type SourceContext,
  type SourceLine,
  wholeManifest,
} from '../source.ts';
import { sourceError } from '../source-error.ts';

/**
 * Reads the manifest of a digest without a repository. Throws SourceError when the targets are in several repositories.
 */
export async function fetchDigest(
  line: SourceLine,
  digest: Digest,
  context: SourceContext,
): Promise<Resolved> {
  const { repository } = context;
  if (repository !== undefined) return context.fetch(line, { repository, digest });
  const message = `${digest} has no repository, and the tags are in more than one`;
  const hint =
    line.locator.kind === 'digests'
      ? `A directory has the digests of one repository: use \`spec\` with one list for each repository, each with \`sources: ${line.text}\`. If only one of them has the images, publish there, and copy the list in a second step.`
      : 'Write the source as registry/repository@sha256:….';
  throw sourceError(line, 'SOURCE_REPOSITORY', message, { hint });
}

/** Resolves a descriptor in JSON: reads its digest, checks its size and type, and keeps its platform and annotations. */
export async function resolveDescriptor(
  line: Located<'descriptor'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  const { descriptor } = line.locator;
  const resolved = await fetchDigest(line, descriptor.digest, context);
  const flaw = findFlaw(descriptor, await wholeManifest(resolved));
  if (flaw !== undefined) {
    throw sourceError(line, 'SOURCE_DESCRIPTOR', `the descriptor of ${descriptor.digest} ${flaw}`, {
      hint: 'Copy the descriptor from the output of the build, or write the digest alone.',
    });
  }
  const { platform, annotations } = descriptor;
  return [{ ...resolved, ...(platform ? { platform } : {}), ...(annotations ? { annotations } : {}) }];
}

function findFlaw(descriptor: Descriptor, manifest: Manifest): string | undefined {
  if (descriptor.size !== manifest.size) {
    return `says ${descriptor.size} bytes, but the registry serves ${manifest.size}`;
  }
  if (descriptor.mediaType !== manifest.mediaType) {
    return `says ${descriptor.mediaType}, but the registry serves ${manifest.mediaType}`;
  }
  return findEmbeddedFlaw(descriptor, manifest.bytes);
}
