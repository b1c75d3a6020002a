import type { Manifest } from '../../oci/manifest.ts';
import { formatReference, type Repository } from '../../oci/reference.ts';
import { ActionError, messageOf, VerifyError } from '../../run/errors.ts';
import { type Finding, warnOfCauses } from '../../run/finding.ts';
import { pollUntil } from '../../run/poll.ts';
import type { RunContext } from '../run-context.ts';

/** A manifest that must still exist after tags were removed, and the tags that must hold it. */
export interface KeptManifest {
  readonly repository: Repository;
  readonly manifest: Manifest;
  readonly tags?: readonly string[] | undefined;
}

/** Milliseconds that a registry may take to serve a manifest again after one of its tags was removed. */
const maxAbsence = 3_000;

/**
 * Reads manifests after tags were removed, and pushes missing ones again, images before lists. Throws VerifyError
 * CONTENT_REMOVED with every manifest that was missing, also if it was put back. A manifest that cannot be read is a
 * warning.
 */
export async function checkKept(kept: readonly KeptManifest[], context: RunContext): Promise<void> {
  const each = unique(kept);
  const unread: Finding[] = [];
  const isLost = await Promise.all(each.map((content) => isRemoved(content, unread, context)));
  warnOfCauses(unread, context.observer);
  const lost = each.filter((_, at) => isLost[at]).toSorted((one, other) => rankOf(one) - rankOf(other));
  if (lost.length === 0) return;
  const states: string[] = [];
  let failures = 0;
  for (const content of lost) {
    const failure = await putBack(content, context);
    if (failure !== undefined) failures += 1;
    states.push(`${describeKept(content)}: ${failure ?? 'put back'}`);
  }
  throw contentRemoved(states, failures);
}

// Registries refuse a list whose images are missing.
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

/** Whether a manifest or one of its tags is gone; one that cannot be read counts as there, and is added to `unread`. */
export async function isRemoved(
  content: KeptManifest,
  unread: Finding[],
  { client, clock }: RunContext,
): Promise<boolean> {
  const retryUntil = clock.now() + maxAbsence;
  try {
    return await pollUntil(clock, { first: 250, max: 1000 }, async () => {
      if (await isServed(content, client)) return { result: false };
      return { retryUntil, otherwise: () => true };
    });
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    unread.push({
      about: describeKept(content),
      say: (names) => `${names} could not be read after tags were removed: ${messageOf(error)}`,
      cause: `${content.repository.registry} ${error.code}`,
    });
    return false;
  }
}

// Some registries remove every tag of a manifest, and keep the manifest.
async function isServed({ repository, manifest, tags = [] }: KeptManifest, client: RunContext['client']) {
  // Read the complete list: some registries check its references only then.
  const read =
    manifest.content.kind === 'index'
      ? client.findManifest(repository, manifest.digest)
      : client.headManifest(repository, manifest.digest);
  const found = await Promise.all([read, ...tags.map((tag) => client.headManifest(repository, tag))]);
  return found.every((each) => each !== undefined);
}

/** Pushes a manifest and its missing tags; returns the reason if that fails. */
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

function describeKept(content: KeptManifest): string {
  const { tags = [] } = content;
  return tags.length === 0 ? digestName(content) : `${digestName(content)} (${tags.join(', ')})`;
}

function digestName({ repository, manifest: { digest } }: KeptManifest): string {
  return formatReference({ repository, digest });
}
