import type { Manifest } from '../../oci/manifest.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import type { Observer } from '../../run/observer.ts';
import type { Plan } from '../plan.ts';
import type { PublishRequest } from '../request.ts';
import { BlobCopier } from './blobs.ts';
import { type Content, contentOf, flattened } from './content.ts';
import { failureOfAll, stopped } from './failure.ts';
import { CopyProgress } from './progress.ts';
import { ReferrerFinder } from './referrer-finder.ts';
import { type CopyResult, copyToTarget, foreignTo } from './target.ts';
import { transferLimits } from './transfer-limit.ts';

/** What copying uses. */
export interface CopyParts {
  readonly client: RegistryClient;
  readonly observer: Observer;
  readonly referrers: PublishRequest['referrers'];
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/**
 * Sees to it that every target repository holds what a tag there is about to lead to: mounted from another
 * repository of the registry where that works, another target among them, else streamed. All targets at once; when one fails, the others
 * stop, and the error says what failed where. Gives what was done for each target that lacked something to begin with.
 */
export async function copyContent(
  plan: Plan,
  index: Manifest,
  parts: CopyParts,
): Promise<readonly CopyResult[]> {
  const contents = await contentOf(plan, index);
  const jobs = plan.targets
    .map(({ repository }) => ({ target: repository, foreign: foreignTo(repository, contents) }))
    .filter(({ foreign }) => foreign.length > 0);
  for (const { target, foreign } of jobs) expectAccess(parts.client, target, foreign);
  const copy = copying(parts);
  const outcomes = await Promise.allSettled(jobs.map(({ target, foreign }) => copy(target, foreign)));
  const errors = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (errors.length > 0) throw failureOfAll(errors);
  return outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

function copying(parts: CopyParts): (target: Repository, foreign: readonly Content[]) => Promise<CopyResult> {
  const { client, observer } = parts;
  const finder = parts.referrers === 'copy' ? new ReferrerFinder(client, observer) : undefined;
  const limitFor = transferLimits();
  const stop = new AbortController();
  const first = new Map<string, BlobCopier>();
  return async (target, foreign) => {
    const progress = new CopyProgress(`Copying to ${formatRepository(target)}`, parts);
    const shared = { ...parts, target, progress, limit: limitFor(), signal: stop.signal };
    const blobs = new BlobCopier({ ...shared, neighbour: first.get(target.registry) });
    if (!first.has(target.registry)) first.set(target.registry, blobs);
    try {
      return await copyToTarget(foreign, { ...shared, finder, blobs });
    } catch (error) {
      stop.abort(stopped);
      throw error;
    }
  };
}

// A mount reads one repository and writes another by the same token.
function expectAccess(client: RegistryClient, target: Repository, foreign: readonly Content[]): void {
  client.declareAccess(target, ['pull', 'push']);
  for (const { store } of flattened(foreign)) {
    if (store.repository?.registry === target.registry) client.declareAccess(store.repository, ['pull']);
  }
}
