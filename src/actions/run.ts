import { homedir } from 'node:os';
import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import { standardRetries } from '../http/retry.ts';
import { formatReference } from '../oci/reference.ts';
import type { CopyParts } from '../pipeline/copy/copy.ts';
import { soleRepository } from '../pipeline/plan.ts';
import { type PushParts, readPreviousTags } from '../pipeline/push.ts';
import { type PublishRequest, referenceOf } from '../pipeline/request.ts';
import type { TagState } from '../pipeline/tag-outcome.ts';
import type { RegistryClient } from '../registry/client.ts';
import { type ConnectionOptions, connectRegistries } from '../registry/connect.ts';
import type { Observer } from '../run/observer.ts';
import { registryFetch } from '../sources/resolve/registry-store.ts';
import type { SourceContext } from '../sources/source.ts';
import type { Inputs } from './inputs.ts';
import { writeOutputs } from './outputs.ts';
import type { Result } from './summary/report.ts';
import { writeSummary } from './summary/summary.ts';

/** One run of the publishing action: its request, and all that the stages work with. */
export interface Run {
  readonly request: PublishRequest;
  readonly context: SourceContext;
  readonly parts: PushParts & CopyParts;
  /** The tags written so far, by name. */
  readonly tags: ReadonlyMap<string, TagState>;
  /** Writes outputs and summary. */
  report(result: Result): Promise<void>;
  /** Ends every connection. */
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** How patient a run is with the network; its clock is that of the retries. Default: the waits of a normal run. */
export type Network = Pick<ConnectionOptions, 'timeouts' | 'retries'>;

/** What a run tells people: its observer, and the warnings so far. */
export interface RunLog extends Observer {
  readonly warnings: readonly string[];
}

/** Wires a run; requests for what the tags hold now are already on their way. */
export function startRun(inputs: Inputs, environment: Environment, log: RunLog, network: Network = {}): Run {
  const { request } = inputs;
  const home = homedir();
  const { client, close } = connectRegistries({ ...inputs, ...network, environment, home, observer: log });
  expectAccess(client, request);
  const { now, sleep, random } = network.retries ?? standardRetries;
  const clock = { now, sleep };
  const tags = new Map<string, TagState>();
  return {
    request,
    tags,
    close,
    context: {
      directory: environment['GITHUB_WORKSPACE'] || process.cwd(),
      dockerConfig: dockerConfigDirectory(environment, home),
      repository: soleRepository(request.tags),
      fetch: registryFetch(client, { ...clock, wait: request.waitForSources }),
    },
    parts: {
      ...clock,
      client,
      observer: log,
      previous: readPreviousTags(client, request.tags),
      referrers: request.referrers,
      random,
      onTag: (target, state) => tags.set(formatReference(referenceOf(target)), state),
    },
    report: async (result) => {
      await writeOutputs(result, environment['RUNNER_TEMP'], log);
      if (inputs.summary === 'write') {
        const status = request.mode === 'push' ? 'published' : 'dry-run';
        const report = { status, lists: [result], warnings: log.warnings } as const;
        await writeSummary(report, environment['GITHUB_STEP_SUMMARY'], log);
      }
    },
  };
}

// One token then serves all of a host: what will be read, and what will be written.
function expectAccess(client: RegistryClient, request: PublishRequest): void {
  for (const { repository } of request.tags) {
    client.declareAccess(repository, request.mode === 'push' ? ['pull', 'push'] : ['pull']);
  }
  for (const { locator } of request.sources) {
    if (locator.kind === 'reference') client.declareAccess(locator.repository, ['pull']);
  }
}
