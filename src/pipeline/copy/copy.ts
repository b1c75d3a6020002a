import type { Digest } from '../../oci/digest.ts';
import { type Repository, sameRepository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { ActionError, type Combine, waitForAll } from '../../run/errors.ts';
import type { AssembledList } from '../list.ts';
import type { ListRequest, PublishRequest } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import { BlobCopier } from './blobs.ts';
import { type Content, contentOf, flattened } from './content.ts';
import { ReferrerFinder } from './referrer-finder.ts';
import { type CopyResult, copyToTarget } from './target.ts';
import { transferLimits } from './transfer-limit.ts';
import { warnOfVoidSignatures } from './void-signature.ts';

/**
 * Copies what the tags of all lists will refer to into every target repository that it does not come from: mounted from
 * another repository of the registry where possible, also from another target, else streamed. All targets at once; when
 * one fails, the others stop, and the error says what failed where. Gives a result for each target that was copied to.
 * Content that several lists need in one repository is copied once. Warns of signatures that a changed list voids.
 */
export async function copyContent(
  lists: readonly AssembledList[],
  referrers: PublishRequest['referrers'],
  context: RunContext,
): Promise<readonly CopyResult[]> {
  const needs = await Promise.all(lists.map(needsOf));
  const jobs = jobsOf(needs.flat());
  for (const job of jobs) declareAccess(context.client, job);
  const finder = referrers === 'copy' ? new ReferrerFinder(context.client, context.observer) : undefined;
  const [copies] = await Promise.all([
    copyAll(jobs, finder, context),
    warnOfVoidSignatures(lists, referrers, context),
  ]);
  finder?.warnOfLost();
  return copies;
}

/** The content that one list needs in a repository from other places. */
interface Need extends Pick<ListRequest, 'attestations'> {
  readonly target: Repository;
  readonly contents: readonly Content[];
}

/** The content that one repository needs. */
interface CopyJob {
  readonly target: Repository;
  readonly contents: Content[];
  /** Manifests whose attestations are copied: some list keeps them. */
  readonly attested: Set<Digest>;
}

async function needsOf(list: AssembledList): Promise<readonly Need[]> {
  const all = await contentOf(list);
  const { attestations } = list.request;
  return list.targets.map(({ repository }) => ({
    target: repository,
    contents: foreignTo(repository, all),
    attestations,
  }));
}

// Each repository once, also if several lists need content there.
function jobsOf(needs: readonly Need[]): readonly CopyJob[] {
  const jobs: CopyJob[] = [];
  for (const { target, contents, attestations } of needs) {
    const known = jobs.find((job) => sameRepository(job.target, target));
    const job = known ?? { target, contents: [], attested: new Set() };
    if (known === undefined) jobs.push(job);
    job.contents.push(...contents);
    if (attestations === 'drop') continue;
    for (const { manifest } of flattened(contents)) job.attested.add(manifest.digest);
  }
  return jobs.filter(({ contents }) => contents.length > 0);
}

function foreignTo(target: Repository, contents: readonly Content[]): readonly Content[] {
  return contents.filter(({ store: { repository } }) => {
    return repository === undefined || !sameRepository(repository, target);
  });
}

// A mount reads one repository and writes another with the same token.
function declareAccess(client: RegistryClient, { target, contents }: CopyJob): void {
  client.declareAccess(target, ['pull', 'push']);
  for (const { store } of flattened(contents)) {
    if (store.repository?.registry === target.registry) client.declareAccess(store.repository, ['pull']);
  }
}

function copyAll(
  jobs: readonly CopyJob[],
  finder: ReferrerFinder | undefined,
  context: RunContext,
): Promise<readonly CopyResult[]> {
  const limitFor = transferLimits();
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.cancellation.signal]);
  const neighbours = new Map<string, BlobCopier>();
  const copies = jobs.map(async ({ target, contents, attested }) => {
    const neighbour = neighbours.get(target.registry);
    const blobs = new BlobCopier(target, neighbour, limitFor(), signal, context);
    neighbours.set(target.registry, neighbour ?? blobs);
    try {
      return await copyToTarget(contents, blobs, finder && { finder, attested }, context);
    } catch (error) {
      stop.abort(stopped);
      throw error;
    }
  });
  return waitForAll(copies, combineCopies);
}

/** Why a copy ends that did not fail itself. */
export const stopped = new ActionError('STOPPED', 'Stopped, because another copy failed');

/** The failures of several targets as one; targets that only stopped do not count. */
export const combineCopies: Combine = (failures) => {
  const [first = stopped, ...others] = failures.filter(({ code }) => code !== stopped.code);
  if (others.length === 0) return first;
  const lines = [first, ...others].map(({ message }) => message);
  const message = `${lines.length} targets could not be copied to:\n${lines.join('\n')}`;
  return new ActionError('COPY_FAILED', message, { hint: first.hint, cause: first });
};
