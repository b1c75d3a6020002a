import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import { Guards } from '../pipeline/guards/guards.ts';
import { TagLedger } from '../pipeline/ledger.ts';
import { soleRepository } from '../pipeline/list.ts';
import type { PublishRequest } from '../pipeline/request.ts';
import type { RunContext } from '../pipeline/run-context.ts';
import type { SourceReading } from '../policy/missing-sources.ts';
import type { Result } from '../publish/result.ts';
import { type Run, roundsOf } from '../publish/run.ts';
import { SourceReadings } from '../publish/source-readings.ts';
import type { RegistryClient } from '../registry/client.ts';
import { Cancellation } from '../run/cancellation.ts';
import { systemClock } from '../run/clock.ts';
import { ArtifactSubjects } from '../runner/artifact-subjects.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Runner, Surroundings } from '../runner/runner.ts';
import { registryFetch, SourceWaits } from '../sources/resolve/registry-store.ts';
import { connectStep, type Network, removalServices } from './connection.ts';
import { reportedSource } from './failed-report.ts';
import type { Inputs } from './input/inputs.ts';
import { missingOf, warnOfAttempt } from './missing-sources.ts';
import { repositoryImages, writeOutputs, writeValues } from './outputs.ts';
import { warnOfPulls, withPulls } from './summary/client-pulls.ts';
import type { Report } from './summary/report.ts';
import { resultLines } from './summary/result-lines.ts';
import { writeSummary } from './summary/summary.ts';

/** A run, and how it ends. */
export interface StartedRun extends Run {
  output(results: readonly Result[]): Promise<void>;
  /** Writes outputs and summary, and the last lines of the log. */
  report(results: readonly Result[]): Promise<void>;
  /** Writes the output `deferred` and the summary of a run that publishes nothing, because sources are missing. */
  defer(readings: readonly SourceReading[]): Promise<void>;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** The parts of the log and of the runner that a run needs. */
type StepLog = Omit<RunnerLog, 'failed'>;
type StepRunner = Surroundings & Pick<Runner, 'output'>;

/** Wires a run, and sends the requests for what the tags hold now. */
export function startRun(
  inputs: Inputs,
  runner: StepRunner,
  log: StepLog,
  network: Network = {},
  cancellation = new Cancellation(network.clock ?? systemClock),
): StartedRun {
  const { request } = inputs;
  const tags = request.lists.flatMap((list) => list.tags);
  const { context, management, close } = connectStep(inputs, runner, log, {
    ...network,
    cancellation,
    headerRegistries: new Set(tags.map(({ repository }) => repository.registry)),
    refusedLogins: request.mode === 'dry-run' ? 'read-without' : 'fail',
  });
  expectAccess(context.client, request);
  const subjects = inputs.subjects === 'declare' ? new ArtifactSubjects(runner.environment, log) : undefined;
  const rounds = roundsOf(request);
  const ledger = new TagLedger(tags, rounds, context);
  const guards = new Guards(context);
  guards.prefetch(request.lists, ledger);
  const run: Run = {
    ...{ request, rounds, context, ledger, guards },
    log: {
      // No stage begins once the job is cancelled.
      group: async (heading, stage) => {
        cancellation.checkGoingOn();
        return log.group(heading, stage);
      },
    },
    sources: sourceReadings(request, runner, context),
    checkSubjects: async (lists) => {
      const images = lists.flatMap(({ request: { tags }, manifest }) =>
        repositoryImages({ tags, served: manifest }),
      );
      await subjects?.check(images);
    },
    dockerConfig: dockerConfigDirectory(runner.environment, runner.home),
    removal: removalServices(runner, inputs.githubToken, management),
  };
  return { ...run, ...ending(run, inputs, runner, log, subjects), close };
}

function sourceReadings(
  request: PublishRequest,
  { environment, home, directory }: StepRunner,
  { client, clock, observer }: RunContext,
): SourceReadings {
  const patience = { clock, wait: request.waitForSources, waits: new SourceWaits(observer, clock) };
  const ownFetch = registryFetch(client, patience);
  return new SourceReadings(request, {
    observer,
    fetchWithin: (wait) => registryFetch(client, patience, { wait, missing: 'report' }),
    sourcesOf: ({ tags }, fetch = ownFetch) => ({
      directory: environment['GITHUB_WORKSPACE'] || directory,
      dockerConfig: dockerConfigDirectory(environment, home),
      repository: soleRepository(tags),
      targets: tags.map(({ repository }) => repository),
      observer,
      budget: client.budget,
      mayLogIn: (repository) => client.mayLogIn(repository),
      fetch,
    }),
  });
}

function ending(
  { request, sources, context: { cancellation } }: Run,
  { summary }: Inputs,
  runner: StepRunner,
  log: StepLog,
  subjects: ArtifactSubjects | undefined,
): Pick<StartedRun, 'output' | 'report' | 'defer'> {
  const summarize = async (report: Report): Promise<void> => {
    if (summary === 'write') await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
  };
  const output: StartedRun['output'] = (results) =>
    writeOutputs({ form: request.form, results }, runner, log);
  return {
    output,
    report: async (results) => {
      cancellation.checkGoingOn();
      await output(results);
      warnOfPulls(results, log);
      if (request.mode === 'push') await subjects?.declare(results.flatMap(repositoryImages));
      for (const line of resultLines(results)) log.info(line);
      const status = request.mode === 'push' ? 'published' : 'dry-run';
      await summarize({ status, lists: results.map(withPulls), warnings: log.warnings });
    },
    defer: async (readings) => {
      cancellation.checkGoingOn();
      const missing = missingOf(readings);
      const lines = request.lists.flatMap((list) => list.sources);
      const safe = (text: string): string => log.withoutSecrets(text);
      const headline = `Deferred: ${missing.length} of ${readings.length} sources do not exist yet, nothing is published:`;
      log.info([headline, ...missing].join('\n'));
      warnOfAttempt(runner.environment, log);
      // A matrix exports what its last job wrote: outputs that are empty keep those of the job that published.
      writeValues({ deferred: 'true' }, runner, log);
      await summarize({
        status: 'deferred',
        tags: request.lists.flatMap((list) => list.tags),
        sources: lines.map((line) => reportedSource(line, sources.outcomeOf(line), safe)),
        warnings: log.warnings,
      });
    },
  };
}

// One token then covers all that is read from and written to a host.
function expectAccess(client: RegistryClient, request: PublishRequest): void {
  for (const { repository } of request.lists.flatMap(({ tags }) => tags)) {
    client.declareAccess(repository, request.mode === 'push' ? ['pull', 'push'] : ['pull']);
  }
  for (const { locator } of request.lists.flatMap(({ sources }) => sources)) {
    if (locator.kind === 'reference') client.declareAccess(locator.repository, ['pull']);
  }
}
