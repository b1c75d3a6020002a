/** One timed copy by one tool into a registry that holds nothing yet, checked for its result. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRealRegistry } from '../test/support/real-registry.ts';
import type { CopyCommand, CopyJob, CopyTool } from './copy-tools.ts';

export interface CopyTrial {
  /** Milliseconds, the start of the process included. */
  readonly wall: number;
  /** The most memory the process ever had, bytes, where /proc tells. */
  readonly memory: number | undefined;
}

export interface CopyTrialOptions {
  readonly tool: CopyTool;
  /** The source, `127.0.0.1:port`. */
  readonly from: string;
  /** `name:tag`. */
  readonly image: string;
  /** The image's manifest. */
  readonly digest: string;
}

const memoryInterval = 10;

/** Throws when the tool fails or the target does not serve the same manifest afterwards. */
export async function runCopyTrial({ tool, from, image, digest }: CopyTrialOptions): Promise<CopyTrial> {
  const home = await mkdtemp(join(tmpdir(), 'bench-copy-'));
  const target = await startRealRegistry();
  try {
    const job: CopyJob = { from, to: target.host, image, home };
    for (const command of tool.prepare?.(job) ?? []) await run(command, job);
    const start = performance.now();
    const memory = await run(tool.command(job), job);
    const wall = performance.now() - start;
    await checkImage(`${target.url}/v2/${image.replace(':', '/manifests/')}`, digest);
    return { wall, memory };
  } finally {
    await target.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function run(command: CopyCommand, { home }: CopyJob): Promise<number | undefined> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    DOCKER_CONFIG: join(home, '.docker'),
    ...command.environment,
  };
  const child = spawn(command.program, command.arguments, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  const [[code], memory] = await Promise.all([once(child, 'close'), peakMemory(child)]);
  if (code === 0) return memory;
  throw new Error(`${command.program} ended with ${String(code)}:\n${printed.trim()}`);
}

/** The last high-water mark that /proc showed. */
async function peakMemory(child: ChildProcess): Promise<number | undefined> {
  let peak: number | undefined;
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
    if (kilobytes !== undefined) peak = Number(kilobytes) * 1024;
    await new Promise((resolve) => setTimeout(resolve, memoryInterval));
  }
  return peak;
}

async function checkImage(url: string, digest: string): Promise<void> {
  const accept =
    'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
  const response = await fetch(url, { headers: { accept } });
  const served = response.headers.get('docker-content-digest');
  await response.arrayBuffer();
  if (response.status !== 200 || served !== digest)
    throw new Error(`${url} serves ${served ?? 'nothing'} afterwards (status ${response.status})`);
}
