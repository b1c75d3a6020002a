import { tmpdir } from 'node:os';
import { readDocument } from '../inspection/document.ts';
import { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import { connectStep, type Network } from './connection.ts';
import { provideCredentialHelpers } from './credential-helpers.ts';
import { reportFailure } from './failure.ts';
import { readInspectInputs } from './input/inspect-inputs.ts';
import { compactJson, writeJsonFile, writeValues } from './outputs.ts';

/** Runs the inspecting action to its end; a failure is reported to the runner. */
export async function inspect(runner: Runner, network: Network = {}): Promise<void> {
  const log = new RunnerLog(runner);
  try {
    await inspectInputs(runner, log, network);
  } catch (error) {
    await reportFailure(error, runner, log, (failure) => ({
      status: 'failed',
      failure,
      tags: [],
      sources: [],
      warnings: log.warnings,
    }));
  }
}

async function inspectInputs(runner: Runner, log: RunnerLog, network: Network): Promise<void> {
  const inputs = await readInspectInputs(runner);
  await provideCredentialHelpers(inputs.credentialHelpers, runner, log, network);
  const { context, close } = connectStep(inputs, runner, log, network);
  try {
    const manifest = await readDocument(inputs.request.image, context);
    const directory = runner.environment['RUNNER_TEMP'] || tmpdir();
    const outputs = {
      digest: manifest.digest,
      'media-type': manifest.mediaType,
      size: String(manifest.size),
      json: compactJson(manifest.bytes),
      'json-file': await writeJsonFile(manifest, directory, log),
    };
    writeValues(outputs, runner, log);
  } finally {
    await close();
  }
}
