import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import type { Digest } from '../oci/digest.ts';
import { formatReference } from '../oci/reference.ts';
import { Guards } from '../pipeline/guards/guards.ts';
import { type OnSource, type SourceOutcome, soleRepository } from '../pipeline/plan.ts';
import { PreviousTags } from '../pipeline/previous-tags.ts';
import type { ListRequest, PublishRequest } from '../pipeline/request.ts';
import type { RunContext } from '../pipeline/run-context.ts';
import type { OnTag, TagState } from '../pipeline/tag-outcome.ts';
import type { RegistryClient } from '../registry/client.ts';
import type { Observer } from '../run/observer.ts';
import { ArtifactSubjects } from '../runner/artifact-subjects.ts';
import type { Runner, Surroundings } from '../runner/runner.ts';
import { registryFetch } from '../sources/resolve/registry-store.ts';
import { SourceWaits } from '../sources/resolve/source-waits.ts';
import type { SourceContext, SourceLine } from '../sources/source.ts';
import { connectStep, type Network, type RemovalServices, removalServices } from './connection.ts';
import type { Inputs } from './input/inputs.ts';
import { repositoryImages, writeDeferredOutputs, writeOutputs } from './outputs.ts';
import { warnOfPulls, withPulls } from './summary/client-pulls.ts';
import type { Report, ReportedSource, Result } from './summary/report.ts';
import { resultLines } from './summary/result-lines.ts';
import { writeSummary } from './summary/summary.ts';

/** One run of the publish action: its request, and what the stages work with. */
export interface Run {
  readonly request: PublishRequest;
  readonly context: RunContext;
  /** The services that remove tags of sources. */
  readonly removal: RemovalServices;
  /** Docker's configuration directory. */
  readonly dockerConfig: string;
  /** The context that resolves the sources of a list; `fetch` defaults to the run's own. */
  sourcesOf(list: ListRequest, fetch?: SourceContext['fetch']): SourceContext;
  /** A fetch without earlier results that waits for a missing source for the given milliseconds. */
  fetchWithin(wait: number): SourceContext['fetch'];
  readonly previous: PreviousTags;
  readonly guards: Guards;
  readonly onTag: OnTag;
  /** The tags written so far, by name. */
  readonly tags: ReadonlyMap<string, TagState>;
  /** What the run has set tags to, by name. */
  readonly ownTags: Map<string, Digest>;
  readonly onSource: OnSource;
  /** The source lines that were resolved so far, or could not be. */
  readonly sourceOutcomes: ReadonlyMap<SourceLine, SourceOutcome>;
  /** The images that the job declares as its artifacts; undefined when it declares none. */
  readonly subjects: ArtifactSubjects | undefined;
  /** Writes outputs and summary, and the last lines of the log. */
  report(results: readonly Result[]): Promise<void>;
  /** Writes outputs and summary of a run that publishes nothing, because sources are missing. */
  defer(sources: readonly ReportedSource[]): Promise<void>;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** The log of a run, with the warnings in it and the masked texts so far. */
interface RunLog extends Observer {
  readonly warnings: readonly string[];
  readonly secrets: readonly string[];
}

/** The parts of the runner that a run needs. */
type StepRunner = Surroundings & Pick<Runner, 'output'>;

/** Wires a run, and sends the requests for what the tags hold now. */
export function startRun(inputs: Inputs, runner: StepRunner, log: RunLog, network: Network = {}): Run {
  const { request } = inputs;
  const allTags = request.lists.flatMap((list) => list.tags);
  const { environment, home } = runner;
  const { context, management, close } = connectStep(inputs, runner, log, {
    ...network,
    headerRegistries: new Set(allTags.map(({ repository }) => repository.registry)),
    refusedLogins: request.mode === 'dry-run' ? 'read-without' : 'fail',
  });
  const { client, clock } = context;
  expectAccess(client, request);
  const dockerConfig = dockerConfigDirectory(environment, home);
  const patience = { clock, wait: request.waitForSources, waits: new SourceWaits(log, clock) };
  const ownFetch = registryFetch(client, patience);
  const subjects = inputs.subjects === 'declare' ? new ArtifactSubjects(runner.environment, log) : undefined;
  const { report, defer } = reporting(inputs, runner, log, subjects);
  const previous = new PreviousTags(allTags, context);
  const guards = new Guards(context);
  guards.prefetch(request.lists, previous);
  const tags = new Map<string, TagState>();
  const sourceOutcomes = new Map<SourceLine, SourceOutcome>();
  return {
    request,
    tags,
    ownTags: new Map(),
    close,
    context,
    removal: removalServices(runner, inputs.githubToken, management, clock),
    subjects,
    dockerConfig,
    fetchWithin: (wait) => registryFetch(client, patience, { wait, missing: 'report' }),
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

/** How a successful run ends. */
function reporting(
  { request, summary }: Inputs,
  runner: StepRunner,
  log: RunLog,
  subjects: Run['subjects'],
): Pick<Run, 'report' | 'defer'> {
  const summarize = async (report: Report): Promise<void> => {
    if (summary === 'write') await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
  };
  return {
    report: async (results) => {
      await writeOutputs({ form: request.form, results }, runner, log);
      warnOfPulls(results, log);
      if (request.mode === 'push') await subjects?.declare(results.flatMap(repositoryImages));
      for (const line of resultLines(results)) log.info(line);
      const status = request.mode === 'push' ? 'published' : 'dry-run';
      await summarize({ status, lists: results.map(withPulls), warnings: log.warnings });
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
