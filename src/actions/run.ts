import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import { formatReference } from '../oci/reference.ts';
import { Guards } from '../pipeline/guards/guards.ts';
import { type OnSource, type SourceOutcome, soleRepository } from '../pipeline/plan.ts';
import { PreviousTags } from '../pipeline/previous-tags.ts';
import type { ListRequest, PublishRequest } from '../pipeline/request.ts';
import type { RunContext } from '../pipeline/run-context.ts';
import type { OnTag, TagState } from '../pipeline/tag-outcome.ts';
import type { RegistryClient } from '../registry/client.ts';
import { type ConnectionOptions, connectRegistries } from '../registry/connect.ts';
import { systemClock } from '../run/clock.ts';
import type { Observer } from '../run/observer.ts';
import type { Runner, Surroundings } from '../runner/runner.ts';
import { registryFetch } from '../sources/resolve/registry-store.ts';
import type { SourceContext, SourceLine } from '../sources/source.ts';
import type { Inputs } from './input/inputs.ts';
import { writeDeferredOutputs, writeOutputs } from './outputs.ts';
import type { Report, ReportedSource, Result } from './summary/report.ts';
import { writeSummary } from './summary/summary.ts';

/** One run of the publishing action: its request, and what the stages work with. */
export interface Run {
  readonly request: PublishRequest;
  readonly context: RunContext;
  /** Docker's configuration directory. */
  readonly dockerConfig: string;
  /** What the sources of a list are resolved with; `fetch` is the run's own by default. */
  sourcesOf(list: ListRequest, fetch?: SourceContext['fetch']): SourceContext;
  /** A fetch that reads everything again, and asks for a missing source for so many milliseconds. */
  fetchWithin(wait: number): SourceContext['fetch'];
  readonly previous: PreviousTags;
  readonly guards: Guards;
  readonly onTag: OnTag;
  /** The tags written so far, by name. */
  readonly tags: ReadonlyMap<string, TagState>;
  readonly onSource: OnSource;
  /** The source lines that were resolved so far, or could not be. */
  readonly sourceOutcomes: ReadonlyMap<SourceLine, SourceOutcome>;
  /** Writes outputs and summary. */
  report(results: readonly Result[]): Promise<void>;
  /** Writes outputs and summary of a run that publishes nothing, because sources are missing. */
  defer(sources: readonly ReportedSource[]): Promise<void>;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** The timeouts, retries and clock of a run; those of a normal run by default. */
export type Network = Pick<ConnectionOptions, 'timeouts' | 'retries' | 'clock'>;

/** The log of a run, and the warnings in it so far. */
interface RunLog extends Observer {
  readonly warnings: readonly string[];
}

/** What a run needs of the runner. */
type StepRunner = Surroundings & Pick<Runner, 'output'>;

/** Wires a run, and sends the requests for what the tags hold now. */
export function startRun(inputs: Inputs, runner: StepRunner, log: RunLog, network: Network = {}): Run {
  const { request } = inputs;
  const allTags = request.lists.flatMap((list) => list.tags);
  const { environment, home } = runner;
  const { client, close } = connectRegistries({
    ...inputs,
    ...network,
    environment,
    home,
    headerRegistries: new Set(allTags.map(({ repository }) => repository.registry)),
    observer: log,
    refusedLogins: request.mode === 'dry-run' ? 'read-without' : 'fail',
  });
  expectAccess(client, request);
  const { clock = systemClock } = network;
  const context: RunContext = { client, observer: log, clock };
  const dockerConfig = dockerConfigDirectory(environment, home);
  const waiting = (wait: number) => (label: string) =>
    log.info(`Waiting up to ${wait / 1000} s for ${label}`);
  const patience = { clock, wait: request.waitForSources, onWait: waiting(request.waitForSources) };
  const ownFetch = registryFetch(client, patience);
  const { report, defer } = reporting(inputs, runner, log);
  const previous = new PreviousTags(allTags, context);
  const guards = new Guards(context);
  guards.prefetch(request.lists, previous);
  const tags = new Map<string, TagState>();
  const sourceOutcomes = new Map<SourceLine, SourceOutcome>();
  return {
    request,
    tags,
    close,
    context,
    dockerConfig,
    fetchWithin: (wait) =>
      registryFetch(client, { ...patience, onWait: waiting(wait) }, { wait, missing: 'report' }),
    sourcesOf: ({ tags }, fetch = ownFetch) => ({
      directory: environment['GITHUB_WORKSPACE'] || runner.directory,
      dockerConfig,
      repository: soleRepository(tags),
      targets: tags.map(({ repository }) => repository),
      observer: log,
      fetch,
    }),
    previous,
    guards,
    sourceOutcomes,
    onSource: (line, outcome) => sourceOutcomes.set(line, outcome),
    onTag: (target, state) => tags.set(formatReference(target), state),
    report,
    defer,
  };
}

/** How a run ends that did not fail. */
function reporting(
  { request, summary }: Inputs,
  runner: StepRunner,
  log: RunLog,
): Pick<Run, 'report' | 'defer'> {
  const summarize = async (report: Report): Promise<void> => {
    if (summary === 'write') await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
  };
  return {
    report: async (results) => {
      await writeOutputs({ form: request.form, results }, runner, log);
      const status = request.mode === 'push' ? 'published' : 'dry-run';
      await summarize({ status, lists: results, warnings: log.warnings });
    },
    defer: async (sources) => {
      writeDeferredOutputs(request.form, runner, log);
      const tags = request.lists.flatMap((list) => list.tags);
      await summarize({ status: 'deferred', tags, sources, warnings: log.warnings });
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
