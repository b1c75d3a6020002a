import type { Located, Resolved, SourceContext } from './source.ts';

/** Resolves `registry/repository:tag` and its kin to what the registry serves there. */
export async function resolveReference(
  line: Located<'reference'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  const { kind: _, ...reference } = line.locator;
  return [await context.fetch(line, reference)];
}
