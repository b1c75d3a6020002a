import type { Digest } from '../../oci/digest.ts';
import { formatRepository, type Repository, sameRepository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { ActionError, type Combine, waitForAll, withContext } from '../../run/errors.ts';
import { formatRate } from '../byte-size.ts';
import type { AssembledList } from '../list.ts';
import type { PublishRequest } from '../request.ts';
import type { RunContext } from '../run-context.ts';
import { BlobCopier, transferLimits } from './blobs.ts';
import { type Content, contentOf, flattened } from './content.ts';
import { type BlobCounts, describeCounts } from './counts.ts';
import { ManifestCopier } from './manifests.ts';
import { ReferrerFinder } from './referrer-finder.ts';
import { ReferrerCopier, type WantedReferrers } from './referrers.ts';
import { warnOfVoidSignatures } from './void-signature.ts';

/** The result of copying to one repository. */
export interface CopyResult extends BlobCounts {
  readonly repository: Repository;
  /** Manifests that the repository did not have, also those of referrers. */
  readonly manifests: number;
  /** Signatures, attestations and other referrers that were copied. */
  readonly referrers: number;
  readonly milliseconds: number;
}

/**
 * Copies what the tags of all lists will refer to into every target repository that it does not come from, each content
 * once: mounted from another repository of the registry where possible, else streamed. All targets at once; when one
 * fails, the others stop, and the error says what failed where. Warns of signatures that a changed list voids.
 */
export async function copyContent(
  lists: readonly AssembledList[],
  referrers: PublishRequest['referrers'],
  context: RunContext,
): Promise<readonly CopyResult[]> {
  const jobs = await jobsOf(lists);
  for (const job of jobs) declareAccess(context.client, job);
  const finder = referrers === 'copy' ? new ReferrerFinder(context.client, context.observer) : undefined;
  const [copies] = await Promise.all([
    copyAll(jobs, finder, context),
    warnOfVoidSignatures(lists, referrers, context),
  ]);
  finder?.warnOfLost();
  return copies;
}

interface CopyJob {
  readonly target: Repository;
  readonly contents: Content[];
  /** Manifests whose attestations are copied: some list keeps them. */
  readonly attested: Set<Digest>;
}

// Each repository once, also if several lists need content there.
async function jobsOf(lists: readonly AssembledList[]): Promise<readonly CopyJob[]> {
  const all = await Promise.all(lists.map(contentOf));
  const needs = lists.flatMap(({ targets, request }, at) =>
    targets.map(({ repository: target }) => ({
      target,
      request,
      contents: foreignTo(target, all[at] ?? []),
    })),
  );
  const jobs: CopyJob[] = [];
  for (const { target, request, contents } of needs) {
    const known = jobs.find((job) => sameRepository(job.target, target));
    const job = known ?? { target, contents: [], attested: new Set() };
    if (known === undefined) jobs.push(job);
    job.contents.push(...contents);
    if (request.attestations === 'drop') continue;
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

function copyAll(jobs: readonly CopyJob[], finder: ReferrerFinder | undefined, context: RunContext) {
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

/** Copies contents and all under them to the repository of `blobs`; errors name the repository and the content. */
async function copyToTarget(
  contents: readonly Content[],
  blobs: BlobCopier,
  wanted: WantedReferrers | undefined,
  context: RunContext,
): Promise<CopyResult> {
  const repository = blobs.target;
  const name = formatRepository(repository);
  const manifests = new ManifestCopier(blobs, context);
  try {
    const referrers = await copyWithReferrers(contents, manifests, wanted, context);
    const { copied } = manifests;
    const result = { ...blobs.counts, manifests: copied, referrers, milliseconds: blobs.elapsed, repository };
    if (copied > 0) context.observer.info(`Copied to ${name} in total: ${describeResult(result)}`);
    return result;
  } catch (error) {
    throw withContext(`Copying to ${name} failed`, error);
  }
}

async function copyWithReferrers(
  contents: readonly Content[],
  manifests: ManifestCopier,
  wanted: WantedReferrers | undefined,
  context: RunContext,
): Promise<number> {
  const copied = manifests.ensure(contents);
  if (wanted === undefined) {
    await copied;
    return 0;
  }
  const referrers = new ReferrerCopier(manifests, wanted, context);
  await Promise.all([copied, ...flattened(contents).map((content) => referrers.copyReferrersOf(content))]);
  await referrers.list(manifests.unlisted);
  return referrers.copied;
}

function describeResult(result: CopyResult): string {
  const { bytes, milliseconds, manifests, referrers } = result;
  const note = referrers === 0 ? '' : `, ${referrers} of them referrers`;
  const seconds = (milliseconds / 1000).toFixed(1);
  const rate = bytes === 0 ? '' : `, ${formatRate(bytes, milliseconds)}`;
  const count = `${manifests} ${manifests === 1 ? 'manifest' : 'manifests'}`;
  return `${count}${note}, ${describeCounts(result)} in ${seconds} s${rate}`;
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
