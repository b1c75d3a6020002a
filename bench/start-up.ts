/**
 * Compares a whole run with `node -e 1`: 7 sources, 1 tag and a registry on this machine, in turns. Read the ratios, not
 * the milliseconds. On a busy machine, processor time varies less than wall time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startRealRegistry } from '../test/support/registry/real-registry.ts';
import { pushImages } from './fixture.ts';
import { requirePrograms } from './hosts/registry.ts';
import { type Job, ourAction } from './lists/tools.ts';
import { describeMachine } from './machine.ts';
import { median } from './median.ts';
import type { Command } from './process.ts';
import { markdownTable, plainTable } from './table.ts';

const usage = `npm run bench:start-up [-- options]
  --entry FILE  the program to measure; can be repeated, all in turns (default dist/publish/index.js)
  --runs N      rounds; the median counts (default 41)
  --markdown    a table for docs/BENCHMARKS.md`;

const dist = fileURLToPath(new URL('../dist/publish/index.js', import.meta.url));
const { values } = parseArgs({
  options: {
    entry: { type: 'string', multiple: true, default: [dist] },
    runs: { type: 'string', default: '41' },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** One run, in milliseconds. */
interface Cost {
  readonly wall: number;
  /** User and system time of the processor. */
  readonly processor: number;
}

const bare: Command = { program: process.execPath, arguments: ['-e', '1'] };

/** Times a command with bash, which reports processor time in milliseconds. */
async function costOf({ program, arguments: words, environment }: Command): Promise<Cost> {
  const script = `TIMEFORMAT='%3R %3U %3S'; time "$@"`;
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  // Not spawnSync: the registry blocks when its output is not read.
  const child = spawn('bash', ['-c', script, 'bash', program, ...words], {
    ...{ env, stdio: ['ignore', 'ignore', 'pipe'] },
  });
  let printed = '';
  child.stderr?.on('data', (chunk) => (printed += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${printed}`);
  const [wall = 0, user = 0, system = 0] = (printed.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { wall: wall * 1000, processor: (user + system) * 1000 };
}

interface Round {
  readonly bare: Cost;
  readonly ours: readonly Cost[];
}

async function oneRound(place: Omit<Job, 'tags'>, round: number): Promise<Round> {
  const commands = values.entry.map((entry, index) => {
    const [command] = ourAction(entry).commands({ ...place, tags: [`list-${round}-${index}`] });
    return command ?? bare;
  });
  const ours: Cost[] = [];
  const node = await costOf(bare);
  // Each round begins with another command, because a run after `node -e 1` differs from a run after itself.
  for (const [turn] of commands.entries()) {
    const index = (round + turn) % commands.length;
    ours[index] = await costOf(commands[index] ?? bare);
  }
  return { bare: node, ours };
}

function row(rounds: readonly Round[], index: number): readonly string[] {
  const middle = (figure: (ours: Cost, bare: Cost) => number): number =>
    median(rounds.map((round) => figure(round.ours[index] ?? round.bare, round.bare)));
  return [
    values.entry[index] === dist ? 'dist/publish/index.js' : (values.entry[index] ?? ''),
    ...[middle((ours) => ours.wall), middle((_, node) => node.wall)].map((each) => each.toFixed(0)),
    middle((ours, node) => ours.wall / node.wall).toFixed(2),
    ...[middle((ours) => ours.processor), middle((_, node) => node.processor)].map((each) => each.toFixed(0)),
    middle((ours, node) => ours.processor / node.processor).toFixed(2),
  ];
}

async function main(): Promise<void> {
  if (values.help) return void console.log(usage);
  requirePrograms({ 'docker-registry': 'docker-registry', bash: 'bash' });
  for (const entry of values.entry)
    if (!existsSync(entry)) throw new Error(`${entry} is missing. Run: npm run build`);
  const registry = await startRealRegistry();
  const home = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const images = await pushImages(registry, 'bench/small', 7);
    const { host } = registry;
    const place = {
      host,
      scheme: 'http',
      repository: `${host}/bench/small`,
      images,
      elsewhere: [],
      home,
    } as const;
    const rounds: Round[] = [];
    for (let round = 0; round <= Number(values.runs); round++) rounds.push(await oneRound(place, round));
    // The first round fills the disk cache.
    const counted = rounds.slice(1);
    const table = {
      title: `A whole run of 7 sources and 1 tag beside node -e 1, median of ${counted.length}`,
      headings: ['program', 'wall ms', 'node -e 1', 'ratio', 'CPU ms', 'node -e 1', 'ratio'],
      rows: values.entry.map((_, index) => row(counted, index)),
    };
    for (const line of describeMachine()) console.log(values.markdown ? `- ${line}` : line);
    console.log(`\n${values.markdown ? markdownTable(table) : plainTable(table)}`);
  } finally {
    await registry.close();
    await rm(home, { recursive: true, force: true });
  }
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
