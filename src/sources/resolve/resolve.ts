import type { Located, Locator, Resolved, SourceContext, SourceLine } from '../source.ts';
import { fetchDigest, resolveDescriptor } from './digest.ts';

type Resolvers = {
  readonly [Kind in Locator['kind']]: (
    line: Located<Kind>,
    context: SourceContext,
  ) => Promise<readonly Resolved[]>;
};

/** One resolver per kind; those that read files are loaded only when a line needs them. */
const resolvers: Resolvers = {
  reference: async (line, context) => {
    const { kind: _, ...reference } = line.locator;
    return [await context.fetch(line, reference)];
  },
  digest: async (line, context) => [await fetchDigest(line, line.locator.digest, context)],
  descriptor: resolveDescriptor,
  digests: async (line, context) => (await import('./digests.ts')).resolveDigests(line, context),
  metadata: async (line, context) => (await import('./metadata.ts')).resolveMetadata(line, context),
  oci: async (line, context) => (await import('./oci.ts')).resolveLayout(line, context),
  'oci-archive': async (line, context) => (await import('./oci.ts')).resolveArchive(line, context),
  'docker-manifest': async (line, context) =>
    (await import('./docker-manifest.ts')).resolveDraft(line, context),
};

/** Resolves a source line to its manifests, in the source's own order. Throws SourceError naming the line. */
export function resolveSource(line: SourceLine, context: SourceContext): Promise<readonly Resolved[]> {
  const resolve: (own: never, context: SourceContext) => Promise<readonly Resolved[]> =
    resolvers[line.locator.kind];
  return resolve(line as never, context);
}
