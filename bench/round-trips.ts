/**
 * Counts the wide-area round trips of publishing a list, on the kinds of hosts that people publish to: this action and
 * every other tool on PATH, against CNCF distribution with a set latency.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type FixtureImage, pushImages } from './fixture.ts';
import { type Host, startHost } from './hosts/host.ts';
import { type ProfileName, profileNamed, profiles } from './hosts/profiles.ts';
import { requirePrograms, startBenchRegistry } from './hosts/registry.ts';
import { type Figures, measureFigures } from './lists/figures.ts';
import { ourAction, peers, type Tool } from './lists/tools.ts';
import { runTrial, type Work } from './lists/trial.ts';
import { describeMachine } from './machine.ts';
import { markdownTable, plainTable, type Table } from './table.ts';

const usage = `npm run bench:round-trips [-- options]
  --rtt MS        the round trip (default 50)
  --far MS        the second one, for the slope (default five times the first)
  --runs N        runs at each; the median counts (default 5)
  --profile NAME  one of ${Object.keys(profiles).join(', ')}; can be repeated (default all)
  --peer WORD     only peers whose name contains this; can be repeated (default all)
  --alone         this action only
  --all           the peers on the large job too
  --growth        from 1 source to 300, 1 tag to 100, 1 repository to 20, this action only
  --entry FILE    the program to measure (default dist/publish/index.js)
  --markdown      tables for docs/BENCHMARKS.md
  --json          one line of JSON for each table
  --requests      this action's requests on one run of each job, and no figures`;

const { values } = parseArgs({
  options: {
    rtt: { type: 'string', default: '50' },
    far: { type: 'string' },
    runs: { type: 'string', default: '5' },
    profile: { type: 'string', multiple: true },
    peer: { type: 'string', multiple: true, default: [''] },
    alone: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    entry: { type: 'string', default: fileURLToPath(new URL('../dist/publish/index.js', import.meta.url)) },
    markdown: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    requests: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const near = Number(values.rtt);
const distances = { near, far: Number(values.far ?? near * 5), runs: Number(values.runs) };
const ours = ourAction(values.entry);
const repository = 'bench/images';
const legend = `
Medians of ${distances.runs} runs, of fewer where a tool takes long; wall, CPU and memory at ${near} ms.
Depth: round trips one after the other, counted. Round trips: (wall at ${distances.far} ms - wall at ${near} ms) / ${distances.far - near} ms, of the fastest run at each.
skopeo is not compared: it copies lists and cannot assemble one.`;
/** The profile with which `--growth` measures by default. */
const usualGrowthProfile = 'bearer';

/** The host of a profile, and the images to publish. */
interface Setup {
  readonly name: ProfileName;
  readonly host: Host;
  readonly content: string;
  readonly images: readonly FixtureImage[];
}

async function main(): Promise<void> {
  if (values.help) return void console.log(usage);
  const chosen = (values.profile ?? defaultProfiles()).map(profileNamed);
  const usesTls = chosen.some((name) => profiles[name].name !== undefined);
  requirePrograms({ 'docker-registry': 'docker-registry', ...(usesTls && { nghttpx: 'nghttp2-proxy' }) });
  if (!existsSync(values.entry)) throw new Error(`${values.entry} is missing. Run: npm run build`);
  if (!values.json) for (const line of describeMachine()) console.log(values.markdown ? `- ${line}` : line);
  const root = await mkdtemp(join(tmpdir(), 'bench-hosts-'));
  const storage = join(root, 'storage');
  await mkdir(storage);
  const registry = await startBenchRegistry({ directory: join(root, 'content'), storage, auth: 'none' });
  try {
    const content = `http://${registry.host}`;
    const images = await pushImages({ url: content }, repository, values.growth ? 300 : 64);
    for (const name of chosen) {
      const host = await startHost({ profile: profiles[name], directory: join(root, name), storage });
      await measureHost({ name, host, content, images }).finally(() => host.close());
    }
    if (!values.json && !values.markdown && !values.requests) console.log(legend);
  } finally {
    await registry.close();
    await rm(root, { recursive: true, force: true });
  }
}

function defaultProfiles(): readonly string[] {
  return values.growth ? [usualGrowthProfile] : Object.keys(profiles);
}

async function measureHost(setup: Setup): Promise<void> {
  if (values.growth) return growth(setup);
  const others = values.alone
    ? []
    : peers.filter(({ name }) => values.peer.some((word) => name.includes(word)));
  await compare(setup, [ours, ...others], work(setup, 7, 1));
  await compare(setup, values.all ? [ours, ...others] : [ours], work(setup, 64, 8));
}

function work({ images }: Setup, sources: number, tagCount: number, repositoryCount = 1): Work {
  return { repository, images: images.slice(0, sources), tagCount, repositoryCount };
}

async function compare(setup: Setup, tools: readonly Tool[], job: Work): Promise<void> {
  if (values.requests) return listRequests(setup, job);
  const figures: Figures[] = [];
  const notes: string[] = [];
  for (const tool of tools) {
    const missing = tool.missing();
    if (missing) notes.push(`${tool.name}: not measured, ${missing}`);
    else
      await measureFigures({ tool, ...setup, work: job }, distances).then(
        (measured) => figures.push(measured),
        (error: Error) => notes.push(`${tool.name}: failed, ${error.message}`),
      );
  }
  const title = `${profiles[setup.name].title}: ${jobTitle(job)}`;
  report({ title, headings: ['tool', ...headings], rows: figures.map(rowOf), notes }, figures);
}

async function listRequests(setup: Setup, job: Work): Promise<void> {
  const { requests, connections } = await runTrial({ ...setup, tool: ours, work: job, roundTrip: near });
  console.log(`\n${setup.name}, ${jobTitle(job)}: ${connections} connections`);
  for (const request of requests) console.log(`  ${request}`);
}

/** Measures jobs in which one number grows. */
async function growth(setup: Setup): Promise<void> {
  const jobs = [
    ...[1, 7, 64, 300].map((sources) => work(setup, sources, 1)),
    ...[8, 30, 100].map((tags) => work(setup, 7, tags)),
    ...[2, 5, 20].map((repositories) => work(setup, 7, 1, repositories)),
  ];
  const figures: Figures[] = [];
  for (const job of jobs) figures.push(await measureFigures({ tool: ours, ...setup, work: job }, distances));
  const rows = figures.map((each, index) => [jobTitle(jobs[index]), ...rowOf(each).slice(1)]);
  report({ title: `Growth. ${profiles[setup.name].title}`, headings: ['job', ...headings], rows }, figures);
}

function jobTitle(job: Work | undefined): string {
  if (job === undefined) return '';
  const counted = (count: number, one: string, many: string): string =>
    `${count} ${count === 1 ? one : many}`;
  return [
    counted(job.images.length, 'source', 'sources'),
    counted(job.tagCount, 'tag', 'tags'),
    ...(job.repositoryCount > 1 ? [`${job.repositoryCount} repositories`] : []),
  ].join(', ');
}

const headings = [
  'requests',
  'of these tokens',
  'connections',
  'depth',
  'round trips',
  'wall s',
  'CPU s',
  'peak RSS MB',
];

function rowOf(row: Figures): readonly string[] {
  return [
    ...[row.tool, String(row.requests), String(row.tokenRequests), String(row.connections)],
    row.depth.toFixed(1),
    ...[row.roundTrips.toFixed(1), (row.wall / 1000).toFixed(2), (row.processor / 1000).toFixed(2)],
    (row.memory / 1e6).toFixed(0),
  ];
}

function report(table: Table, figures: readonly Figures[]): void {
  if (values.json)
    console.log(JSON.stringify({ ...distances, title: table.title, figures, notes: table.notes }));
  else console.log(`\n${values.markdown ? markdownTable(table) : plainTable(table)}`);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
