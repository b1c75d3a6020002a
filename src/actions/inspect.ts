import { dockerConfigDirectory } from '../credentials/docker-config.ts';
import type { InspectedEntry } from '../inspection/document.ts';
import { checkExpectations } from '../inspection/expectations.ts';
import type { InspectRequest } from '../inspection/inspection.ts';
import { type Inspection, narrowed, readInspection } from '../inspection/inspection.ts';
import { predicateTypes } from '../oci/attestation.ts';
import { describePlatform } from '../oci/platform.ts';
import { describeArtifact } from '../policy/artifact-name.ts';
import type { RegistryClient } from '../registry/client.ts';
import { messageOf } from '../run/errors.ts';
import { listed } from '../run/finding.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { connectStep, type Network, type Step } from './connection.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { reportFailure } from './failure.ts';
import { type InspectInputs, readInspectInputs } from './input/inspect-inputs.ts';
import { writeInspection } from './outputs.ts';
import { writeSummary } from './summary/summary.ts';

/** The results of a run so far, which the report of a failure needs. */
interface Started {
  inputs?: InspectInputs;
  inspection?: Inspection;
}

/** Runs the inspect action to its end; a failure is reported to the runner. */
export async function inspect(runner: Runner, network: Network = {}): Promise<void> {
  const log = new RunnerLog(runner);
  const step = { runner, log, network };
  const started: Started = {};
  try {
    started.inputs = await readInspectInputs(runner);
    await provideCredentialHelpers(started.inputs, step);
    started.inspection = await readFrom(started.inputs, step);
    started.inspection = narrowed(started.inspection, log);
    await reportInspection(started.inspection, started.inputs, step);
  } catch (error) {
    const { inspection } = started;
    const name = started.inputs && log.withoutSecrets(started.inputs.request.image.text);
    await reportFailure(error, runner, log, (failure) => {
      return { status: 'inspected', name, inspection, failure, warnings: log.warnings };
    });
  }
}

async function readFrom(inputs: InspectInputs, { runner, log, network }: Step): Promise<Inspection> {
  const { request } = inputs;
  const { locator } = request.image;
  const { environment, home } = runner;
  const { context, close } = connectStep(inputs, runner, log, {
    ...network,
    // The list to compare with may be in a repository of another owner.
    headerRegistries: new Set(locator.kind === 'reference' ? [locator.repository.registry] : []),
  });
  declareAccess(context.client, request);
  try {
    return await readInspection(request, {
      ...context,
      directory: environment['GITHUB_WORKSPACE'] || runner.directory,
      dockerConfig: dockerConfigDirectory(environment, home),
    });
  } finally {
    await close();
  }
}

function declareAccess(client: RegistryClient, { image, compareWith }: InspectRequest): void {
  for (const line of [image, compareWith]) {
    if (line?.locator.kind === 'reference') client.declareAccess(line.locator.repository, ['pull']);
  }
}

async function reportInspection(inspection: Inspection, inputs: InspectInputs, { runner, log }: Step) {
  const { document, inspected } = inspection;
  const unmet = unmetExpectation(inspection);
  const flaws = document.entries
    .flatMap(({ flaw }) => flaw?.message ?? [])
    .filter((flaw) => unmet === undefined || !messageOf(unmet).includes(flaw));
  if (flaws.length > 0) log.warning(`${document.name}: ${listed(flaws)}`);
  await writeInspection(inspection, runner, log);
  const { name, manifest, entries } = inspected;
  for (const line of [`${name}: ${manifest.mediaType} ${manifest.digest}`, ...entries.map(entryLine)])
    log.info(line);
  if (unmet !== undefined) throw unmet;
  if (inputs.summary === 'leave') return;
  const report = { status: 'inspected', inspection, warnings: log.warnings } as const;
  await writeSummary(report, runner.environment['GITHUB_STEP_SUMMARY'], log);
}

function unmetExpectation({ document, inspected, request }: Inspection): unknown {
  try {
    checkExpectations(document, inspected, request);
    return undefined;
  } catch (error) {
    return error;
  }
}

function entryLine({ kind, platform, descriptor, manifest }: InspectedEntry): string {
  if (kind === 'image')
    return `${platform === undefined ? 'states no platform' : describePlatform(platform)}: ${descriptor.digest}`;
  if (kind === 'artifact')
    return `${manifest ? describeArtifact(manifest) : descriptor.mediaType}: ${descriptor.digest}`;
  const types = manifest === undefined ? [] : predicateTypes(manifest);
  return `attestation (${types.join(', ')}): ${descriptor.digest}`;
}
