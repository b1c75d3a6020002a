import type { Manifest } from '../oci/manifest.ts';
import type { RunContext } from '../pipeline/run-context.ts';
import type { SourceLine } from '../sources/source.ts';

/** Reads what a line names. */
export async function readDocument({ locator }: SourceLine, { client }: RunContext): Promise<Manifest> {
  if (locator.kind !== 'reference') throw new Error(`cannot inspect ${locator.kind}`);
  const { repository, tag, digest } = locator;
  return client.getManifest(repository, digest ?? tag ?? 'latest');
}
