import type { PurgeContext } from '../pipeline/untag/purge-tags.ts';
import type { Management } from '../registry/management.ts';
import { Removals } from '../registry/untag/removals.ts';
import type { Clock } from '../run/clock.ts';
import { githubRegistry } from '../runner/packages-api.ts';
import type { Surroundings } from '../runner/runner.ts';

/** The services that remove tags. */
export type RemovalServices = Pick<PurgeContext, 'management' | 'github' | 'removals' | 'runId'>;

/** Wires the services that remove tags; nothing is sent yet. */
export function removalServices(
  { environment }: Pick<Surroundings, 'environment'>,
  githubToken: string,
  management: Management,
  clock: Clock,
): RemovalServices {
  const runId = environment['GITHUB_RUN_ID'] ?? '';
  return {
    management,
    github: githubRegistry({ environment }, githubToken, management),
    removals: new Removals(clock),
    runId: /^\d{1,20}$/.test(runId) ? runId : 'local',
  };
}
