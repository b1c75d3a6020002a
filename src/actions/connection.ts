import type { RunContext } from '../pipeline/run-context.ts';
import type { PurgeContext } from '../pipeline/untag/purge-tags.ts';
import { type ConnectionOptions, connectRegistries } from '../registry/connect.ts';
import type { Management } from '../registry/registry-request.ts';
import { Removals } from '../registry/untag/removals.ts';
import { Cancellation } from '../run/cancellation.ts';
import { systemClock } from '../run/clock.ts';
import type { Observer } from '../run/observer.ts';
import type { RunnerLog } from '../runner/log.ts';
import { githubRegistry } from '../runner/packages-api.ts';
import type { Runner, Surroundings } from '../runner/runner.ts';
import type { StepInputs } from './input/step-inputs.ts';

/** The timeouts, retries and clock of a run; those of a normal run by default. */
export type Network = Pick<ConnectionOptions, 'timeouts' | 'retries' | 'clock'>;

/** What an action works with. */
export interface Step {
  readonly runner: Runner;
  readonly log: RunnerLog;
  readonly network: Network;
}

/** The registry settings of a step that are not inputs. */
interface ConnectionRules extends Network, Pick<ConnectionOptions, 'headerRegistries' | 'refusedLogins'> {
  readonly cancellation?: Cancellation;
}

/** Wires the connection of a step to its registries; nothing is sent yet. `close` ends every connection. */
export function connectStep(
  inputs: StepInputs,
  { environment, home }: Surroundings,
  observer: Observer,
  rules: ConnectionRules = {},
) {
  const options = { ...inputs, ...rules, environment, home, observer };
  const { client, management, close } = connectRegistries(options);
  const { clock = systemClock, cancellation = new Cancellation(clock) } = rules;
  const context: RunContext = { client, observer, clock, cancellation };
  return { context, management, close };
}

/** Wires the services that remove tags; nothing is sent yet. */
export function removalServices(
  { environment }: Surroundings,
  githubToken: string,
  management: Management,
): Pick<PurgeContext, 'management' | 'github' | 'removals' | 'runId'> {
  const runId = environment['GITHUB_RUN_ID'] ?? '';
  return {
    management,
    github: githubRegistry({ environment }, githubToken, management),
    removals: new Removals(),
    runId: /^\d{1,20}$/.test(runId) ? runId : 'local',
  };
}
