import type { Digest } from '../../oci/digest.ts';
import type { Located, Resolved, SourceContext, SourceLine } from '../source.ts';
import { sourceError } from '../source-error.ts';

/** Resolves a bare `sha256:…` in the one repository of all targets. */
export async function resolveDigest(
  line: Located<'digest'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  return [await fetchDigest(line, line.locator.digest, context)];
}

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
  const hint = 'Write the source as registry/repository@sha256:….';
  throw sourceError(line, 'SOURCE_REPOSITORY', message, { hint });
}
