import type { Manifest } from '../../oci/manifest.ts';
import { formatReference, type Repository } from '../../oci/reference.ts';
import { ActionError, messageOf, VerifyError } from '../../run/errors.ts';
import { pollUntil } from '../../run/poll.ts';
import type { RunContext } from '../run-context.ts';

/** A manifest that must still be served when tags were removed, and the tags that must hold it. */
export interface KeptManifest {
  readonly repository: Repository;
  readonly manifest: Manifest;
  readonly tags?: readonly string[] | undefined;
}

/** Milliseconds that a registry may take to serve a manifest again whose tag it has just removed. */
const maxAbsence = 3_000;

/**
 * Looks at manifests after tags were removed, and puts back what is gone, images before lists.
 * Throws VerifyError CONTENT_REMOVED for every manifest that was gone, also when it is there again. A manifest that
 * cannot be looked at is a warning.
 */
export async function checkKept(kept: readonly KeptManifest[], context: RunContext): Promise<void> {
  const each = unique(kept);
  const isLost = await Promise.all(each.map((content) => isRemoved(content, context)));
  const lost = each.filter((_, at) => isLost[at]).toSorted((one, other) => rankOf(one) - rankOf(other));
  if (lost.length === 0) return;
  const states: string[] = [];
  let failures = 0;
  for (const content of lost) {
    const failure = await putBack(content, context);
    if (failure !== undefined) failures += 1;
    states.push(`${digestName(content)}: ${failure ?? 'put back'}`);
  }
  throw contentRemoved(states, failures);
}

// Registries refuse a list whose images they lack.
function rankOf({ manifest }: KeptManifest): number {
  return manifest.content.kind === 'image' ? 0 : 1;
}

function unique(kept: readonly KeptManifest[]): readonly KeptManifest[] {
  const byName = new Map<string, KeptManifest>();
  for (const content of kept) {
    const name = digestName(content);
    const tags = [...new Set([...(byName.get(name)?.tags ?? []), ...(content.tags ?? [])])];
    byName.set(name, { ...content, tags });
  }
  return [...byName.values()];
}

/** Whether a manifest is not served any more. One that cannot be looked at is a warning, and counts as served. */
export async function isRemoved(
  content: KeptManifest,
  { client, clock, observer }: RunContext,
): Promise<boolean> {
  const { repository, manifest } = content;
  const retryUntil = clock.now() + maxAbsence;
  try {
    return await pollUntil(clock, { first: 250, max: 1000 }, async () => {
      // A list is read whole, because some registries check what it refers to only then.
      const found =
        manifest.content.kind === 'index'
          ? await client.findManifest(repository, manifest.digest)
          : await client.headManifest(repository, manifest.digest);
      if (found !== undefined) return { result: false };
      return { retryUntil, otherwise: () => true };
    });
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    observer.warning(
      `${digestName(content)} could not be looked at after tags were removed: ${messageOf(error)}`,
    );
    return false;
  }
}

/** Pushes a manifest and the tags that are gone with it; returns why that failed. */
async function putBack(content: KeptManifest, { client }: RunContext): Promise<string | undefined> {
  const { repository, manifest, tags = [] } = content;
  try {
    await client.putManifest(repository, manifest.digest, manifest);
    for (const tag of tags) {
      if ((await client.headManifest(repository, tag)) === undefined)
        await client.putManifest(repository, tag, manifest);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return `could not be put back: ${messageOf(error)}`;
  }
}

function contentRemoved(states: readonly string[], failures: number): VerifyError {
  const message = ['Removing staging tags also removed content from the registry:', ...states].join('\n');
  const repair = failures === 0 ? '' : 'Push the images again, and publish the list again. ';
  return new VerifyError('CONTENT_REMOVED', message, {
    hint: `${repair}Do not remove staging tags on this registry: it removes images together with all their tags. Set other tags of these images again.`,
  });
}

function digestName({ repository, manifest: { digest } }: KeptManifest): string {
  return formatReference({ repository, digest });
}
