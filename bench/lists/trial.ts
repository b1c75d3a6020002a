/** Runs one tool once at one latency, and checks its result. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../../test/support/registry/registry-request.ts';
import type { FixtureImage } from '../fixture.ts';
import type { Host } from '../hosts/host.ts';
import type { Traffic } from '../network/traffic.ts';
import { type ProcessFigures, runProcess } from '../process.ts';
import type { Job, Tool } from './tools.ts';

/** The content that one run publishes. */
export interface Work {
  /** The repository that holds the images. */
  readonly repository: string;
  readonly images: readonly FixtureImage[];
  readonly tagCount: number;
  /** The number of repositories, including the one with the images. */
  readonly repositoryCount: number;
}

export interface TrialOptions {
  readonly tool: Tool;
  readonly host: Host;
  readonly work: Work;
  /** Milliseconds. */
  readonly roundTrip: number;
  /** `http://127.0.0.1:port`, which serves the same content without a login. */
  readonly content: string;
}

/** The sums of all processes of the tool; memory is the maximum. */
export interface Trial extends ProcessFigures, Traffic {}

let trials = 0;

/** Runs the tool once. Throws if a command fails, or if a tag does not hold all images afterwards. */
export async function runTrial(options: TrialOptions): Promise<Trial> {
  const home = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    await mkdir(join(home, '.docker'));
    await writeFile(join(home, '.docker', 'config.json'), JSON.stringify(options.host.dockerConfig));
    return await measure(options, jobFor(options, home));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Every run creates new tags, so that no tag is unchanged. */
function jobFor({ host, work }: TrialOptions, home: string): Job {
  const trial = ++trials;
  const tags = Array.from({ length: work.tagCount }, (_, i) => `list-${trial}-${i + 1}`);
  const others = Array.from({ length: work.repositoryCount - 1 }, (_, i) => `bench/copy-${trial}-${i + 1}`);
  const elsewhere = others.flatMap((name) => tags.map((tag) => `${host.name}/${name}:${tag}`));
  const repository = `${host.name}/${work.repository}`;
  return { host: host.name, scheme: host.scheme, repository, images: work.images, tags, elsewhere, home };
}

async function measure({ tool, host, work, roundTrip, content }: TrialOptions, job: Job): Promise<Trial> {
  const config = join(job.home, '.docker');
  const environment = { HOME: job.home, DOCKER_CONFIG: config, ...host.environment };
  for (const command of tool.prepare?.(job) ?? []) await runProcess(command, environment);
  await host.begin(roundTrip);
  const runs: ProcessFigures[] = [];
  for (const command of tool.commands(job)) runs.push(await runProcess(command, environment));
  const traffic = await host.traffic();
  const prefix = `${job.host}/`;
  for (const reference of [...job.tags.map((tag) => `${job.repository}:${tag}`), ...job.elsewhere])
    await checkTag(content, reference.slice(prefix.length), work.images);
  return { ...traffic, ...together(runs) };
}

function together(runs: readonly ProcessFigures[]): ProcessFigures {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  return {
    wall: sum(runs.map(({ wall }) => wall)),
    processor: sum(runs.map(({ processor }) => processor)),
    memory: Math.max(...runs.map(({ memory }) => memory)),
  };
}

async function checkTag(content: string, reference: string, images: readonly FixtureImage[]): Promise<void> {
  const [repository = '', tag = ''] = reference.split(':');
  const served = await readManifest({ url: content }, repository, tag);
  const { manifests = [] } = JSON.parse(served?.bytes.toString() ?? '{}') as {
    manifests?: readonly { digest: string }[];
  };
  const listed = new Set(manifests.map((entry) => entry.digest));
  if (images.every(({ digest }) => listed.has(digest))) return;
  throw new Error(`${reference} does not hold all ${images.length} images afterwards`);
}
