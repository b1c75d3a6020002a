import { type Descriptor, findEmbeddedFlaw } from '../../oci/descriptor.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { type Located, type Resolved, type SourceContext, wholeManifest } from '../source.ts';
import { sourceError } from '../source-error.ts';
import { fetchDigest } from './digest.ts';

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
