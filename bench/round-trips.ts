/**
 * How many wide-area round trips it takes to put a list behind a tag: this action and every other tool on PATH,
 * side by side, against CNCF distribution behind a proxy with a set round trip.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { realRegistryAvailable, startRealRegistry } from '../test/support/registry/real-registry.ts';
import { type FixtureImage, pushImages } from './fixture.ts';
import { median } from './median.ts';
import { printTable } from './table.ts';
import { ourAction, peers, type Tool } from './tools.ts';
import { runTrial, type Trial } from './trial.ts';

const usage = `npm run bench:round-trips [-- options]
  --rtt MS      the round trip (default 50)
  --far MS      the second one, for the slope (default five times the first)
  --runs N      runs at each; the median counts (default 5)
  --entry FILE  the program to measure (default dist/publish/index.js)
  --all         the peers on the large job too
  --alone       this action only
  --json        figures as JSON
  -v            every request as it passes`;

const { values } = parseArgs({
  options: {
    rtt: { type: 'string', default: '50' },
    far: { type: 'string' },
    runs: { type: 'string', default: '5' },
    entry: { type: 'string', default: fileURLToPath(new URL('../dist/publish/index.js', import.meta.url)) },
    all: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', short: 'v', default: false },
    help: { type: 'boolean', default: false },
  },
});

const near = Number(values.rtt);
const far = Number(values.far ?? near * 5);
const runs = Number(values.runs);

interface Work {
  readonly title: string;
  readonly name: string;
  readonly images: readonly FixtureImage[];
  readonly tagCount: number;
}

/** A tool's medians on one job. */
interface Figures {
  readonly tool: string;
  readonly requests: number;
  readonly connections: number;
  /** Seconds at the first round trip. */
  readonly wall: number;
  /** Wall over round trip: start-up and computing count as if they were travel. */
  readonly whole: number;
  /** (wall at far − wall at near) ÷ (far − near): travel alone. */
  readonly travel: number;
}

async function main(): Promise<void> {
  if (values.help) return void console.log(usage);
  if (!realRegistryAvailable())
    throw new Error('docker-registry is not on PATH (Debian package docker-registry)');
  if (!existsSync(values.entry)) throw new Error(`${values.entry} is missing: npm run build`);
  const registry = await startRealRegistry();
  try {
    const small = await pushImages(registry, 'bench/small', 7);
    const large = await pushImages(registry, 'bench/large', 64);
    const ours = ourAction(values.entry);
    const others = values.alone ? [] : peers;
    await compare(registry.host, [ours, ...others], {
      ...{ title: '7 sources, 1 tag', name: 'bench/small' },
      ...{ images: small, tagCount: 1 },
    });
    await compare(registry.host, values.all ? [ours, ...others] : [ours], {
      ...{ title: '64 sources, 8 tags', name: 'bench/large' },
      ...{ images: large, tagCount: 8 },
    });
  } finally {
    await registry.close();
  }
}

async function compare(upstream: string, tools: readonly Tool[], work: Work): Promise<void> {
  const figures: Figures[] = [];
  const notes: string[] = [];
  for (const tool of tools) {
    const missing = tool.missing();
    if (missing) notes.push(`${tool.name}: not measured, ${missing}`);
    else
      await figuresOf(upstream, tool, work).then(
        (measured) => figures.push(measured),
        (error: Error) => notes.push(`${tool.name}: failed, ${error.message}`),
      );
  }
  report(work, figures, notes);
}

async function figuresOf(upstream: string, tool: Tool, work: Work): Promise<Figures> {
  const log = values.verbose ? (line: string) => console.error(line) : undefined;
  const trial = (roundTrip: number): Promise<Trial> =>
    runTrial({ ...work, tool, upstream, roundTrip, ...(log && { log }) });
  log?.(`${tool.name}, ${work.title}`);
  await trial(0);
  // In turns, so that a machine that grows slower bends both alike.
  const pairs: (readonly [near: Trial, far: Trial])[] = [];
  for (let i = 0; i < runs; i++) pairs.push([await trial(near), await trial(far)]);
  const nearTrials = pairs.map(([first]) => first);
  const wall = median(nearTrials.map((each) => each.wall));
  return {
    tool: tool.name,
    requests: median(nearTrials.map((each) => each.requests)),
    connections: median(nearTrials.map((each) => each.connections)),
    wall: wall / 1000,
    whole: wall / near,
    travel: median(pairs.map(([first, second]) => (second.wall - first.wall) / (far - near))),
  };
}

function report(work: Work, figures: readonly Figures[], notes: readonly string[]): void {
  if (values.json)
    return void console.log(JSON.stringify({ job: work.title, near, far, runs, figures, notes }));
  console.log(`\n${work.title}: ${near} ms round trip, median of ${runs}`);
  printTable(
    ['tool', 'requests', 'connections', 'wall s', 'wall/rtt', 'round trips'],
    figures.map((row) => [
      row.tool,
      ...[row.requests, row.connections].map(String),
      ...[row.wall.toFixed(2), row.whole.toFixed(1), row.travel.toFixed(1)],
    ]),
  );
  for (const note of notes) console.log(note);
}

await main();
if (!values.json)
  console.log(`
wall/rtt     whole wall time over the round trip: program start and computing count as travel
round trips  (wall at ${far} ms - wall at ${near} ms) / ${far - near} ms: travel alone, each new connection one, each request one
skopeo       is not compared: it copies lists and cannot assemble one`);
