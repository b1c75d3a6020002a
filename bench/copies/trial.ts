/** Times one copy by one tool into an empty registry, and checks its result. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../../test/support/registry/registry-request.ts';
import { type ProcessFigures, runProcess } from '../process.ts';
import { type Line, type LinedRegistry, startLinedRegistry } from './line.ts';
import type { CopyJob, CopyTool } from './tools.ts';

export interface CopyTrialOptions {
  readonly tool: CopyTool;
  readonly line: Line;
  readonly source: LinedRegistry;
  /** `name:tag`. */
  readonly image: string;
  /** The image's manifest. */
  readonly digest: string;
}

/** Throws if the tool fails, or if the target does not serve the same manifest afterwards. */
export async function runCopyTrial(options: CopyTrialOptions): Promise<ProcessFigures> {
  const { tool, line, source, image, digest } = options;
  const home = await mkdtemp(join(tmpdir(), 'bench-copy-'));
  const target = await startLinedRegistry(line);
  try {
    const scheme = line.tls ? 'https' : 'http';
    const job: CopyJob = { from: source.host, to: target.host, scheme, image, home };
    const environment = await environmentFor(home, [source, target]);
    for (const command of tool.prepare?.(job) ?? []) await runProcess(command, environment);
    const figures = await runProcess(tool.command(job), environment);
    const [repository = '', tag = ''] = image.split(':');
    const served = await readManifest(target.registry, repository, tag);
    if (served?.digest === digest) return figures;
    throw new Error(`${tool.name}: the target serves ${served?.digest ?? 'nothing'} afterwards`);
  } finally {
    await target.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function environmentFor(
  home: string,
  registries: readonly LinedRegistry[],
): Promise<Record<string, string>> {
  const file = join(home, 'authorities.pem');
  await writeFile(file, registries.map(({ registry }) => registry.ca ?? '').join(''));
  const trust = { SSL_CERT_FILE: file, NODE_EXTRA_CA_CERTS: file };
  const usesTls = registries.some(({ registry }) => registry.ca !== undefined);
  return { HOME: home, DOCKER_CONFIG: join(home, '.docker'), ...(usesTls && trust) };
}
