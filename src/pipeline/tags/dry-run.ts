import type { Grant } from '../../auth/scope.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatReference, formatRepository, type Repository } from '../../oci/reference.ts';
import { ActionError, AuthError, orFailure } from '../../run/errors.ts';
import type { TagReadings } from '../ledger.ts';
import type { AssembledList, Target } from '../list.ts';
import type { TargetTag } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import { knownDigest, type TagContent } from '../tag.ts';

/** A tag that a dry run did not write. */
export interface UntouchedTag extends TargetTag {
  /** The digest it holds; absent when there is no such tag, or when it could not be read. */
  readonly previous?: Digest | undefined;
  readonly state: 'dry-run' | 'unknown';
}

/** Logs for each tag what it holds and what a push would change; writes nothing. */
export async function untouchedTags(
  { manifest, request }: AssembledList,
  readings: TagReadings,
  { observer }: Pick<RunContext, 'observer'>,
): Promise<readonly UntouchedTag[]> {
  const found = await Promise.all(request.tags.map(async (tag) => ({ tag, held: await readings.of(tag) })));
  for (const { tag, held } of found) observer.info(describeTag(tag, held, manifest.digest));
  return found.map(({ tag, held }) => {
    return { ...tag, previous: knownDigest(held), state: held === 'unknown' ? 'unknown' : 'dry-run' };
  });
}

/** Whether a push to a repository is allowed, if that can be known without writing. */
export interface PushAccess {
  readonly repository: Repository;
  readonly grant: Grant;
}

/** Checks for each repository whether a push would be allowed, and warns of those where it would not; writes nothing. */
export async function checkPushAccess(
  targets: readonly Target[],
  { client, observer }: Pick<RunContext, 'client' | 'observer'>,
): Promise<readonly PushAccess[]> {
  const checks = await Promise.all(
    targets.map(async ({ repository, tags: [tag = 'latest'] }) => {
      return { repository, ...(await checkGrant(repository, tag, client)) };
    }),
  );
  return checks.map(({ repository, grant, reason }) => {
    const name = formatRepository(repository);
    if (grant === 'unknown') observer.info(`${name}: whether a push is allowed is unknown without a write`);
    if (grant === 'denied') observer.warning(`A push to ${name} would be denied: ${reason}`);
    return { repository, grant };
  });
}

async function checkGrant(repository: Repository, tag: string, client: RunContext['client']) {
  const found = await orFailure(client.pushGrant(repository, tag));
  if (!(found instanceof ActionError)) return { grant: found, reason: 'the token may only read.' };
  const grant: Grant = found instanceof AuthError ? 'denied' : 'unknown';
  return { grant, reason: `${found.message}. ${found.hint ?? ''}`.trim() };
}

function describeTag(tag: TargetTag, held: TagContent, wanted: Digest): string {
  const name = formatReference(tag);
  return held === wanted
    ? `${name} already holds ${wanted}`
    : `${name}: ${held ?? 'new'} → ${wanted}, not written`;
}
