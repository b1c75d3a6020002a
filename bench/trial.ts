/** One timed run of one tool through the latency proxy, checked for its result. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FixtureImage } from './fixture.ts';
import { LatencyProxy } from './latency-proxy.ts';
import type { Command, Job, Tool } from './tools.ts';

export interface TrialOptions {
  readonly tool: Tool;
  /** The registry behind the proxy, `127.0.0.1:port`. */
  readonly upstream: string;
  /** Repository path. */
  readonly name: string;
  readonly images: readonly FixtureImage[];
  /** How many tags; each run makes new ones, so that nothing is unchanged. */
  readonly tagCount: number;
  /** Milliseconds. */
  readonly roundTrip: number;
  /** Prints every request. */
  readonly log?: (line: string) => void;
}

export interface Trial {
  readonly requests: number;
  readonly connections: number;
  /** Milliseconds, process starts included. */
  readonly wall: number;
}

const trialLimit = 300_000;
let trials = 0;

/** Runs the tool once; throws when a command fails or a tag does not hold all images afterwards. */
export async function runTrial(options: TrialOptions): Promise<Trial> {
  const home = await mkdtemp(join(tmpdir(), 'bench-'));
  await mkdir(join(home, '.docker'));
  await writeFile(join(home, '.docker', 'config.json'), '{}');
  const proxy = new LatencyProxy({
    upstream: options.upstream,
    roundTrip: options.roundTrip,
    seen: ({ connection, method, target }) => options.log?.(`  [${connection}] ${method} ${target}`),
  });
  try {
    const host = await proxy.listen();
    return await measure(options, jobFor(options, host, home), proxy);
  } finally {
    await proxy.close();
    await rm(home, { recursive: true, force: true });
  }
}

function jobFor({ name, images, tagCount }: TrialOptions, host: string, home: string): Job {
  const trial = ++trials;
  const tags = Array.from({ length: tagCount }, (_, i) => `list-${trial}-${i + 1}`);
  return { host, repository: `${host}/${name}`, images, tags, home };
}

async function measure(
  { tool, upstream, name }: TrialOptions,
  job: Job,
  proxy: LatencyProxy,
): Promise<Trial> {
  for (const command of tool.prepare?.(job) ?? []) await run(command, job);
  proxy.reset();
  const start = performance.now();
  for (const command of tool.commands(job)) await run(command, job);
  const wall = performance.now() - start;
  const { requests, connections } = proxy.traffic;
  for (const tag of job.tags) await checkTag(`http://${upstream}/v2/${name}/manifests/${tag}`, job.images);
  return { requests, connections, wall };
}

async function run({ program, arguments: words, environment }: Command, { home }: Job): Promise<void> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    DOCKER_CONFIG: join(home, '.docker'),
    ...environment,
  };
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: trialLimit });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`${program} ${words.slice(0, 3).join(' ')} ended with ${code}:\n${printed.trim()}`);
}

async function checkTag(url: string, images: readonly FixtureImage[]): Promise<void> {
  const accept =
    'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json';
  const response = await fetch(url, { headers: { accept } });
  const { manifests = [] } = (await response.json()) as { manifests?: readonly { digest: string }[] };
  const listed = new Set(manifests.map((entry) => entry.digest));
  if (response.status !== 200 || !images.every((image) => listed.has(image.digest)))
    throw new Error(
      `${url} does not hold all ${images.length} images afterwards (status ${response.status})`,
    );
}
