/**
 * Measures the time to copy an image from one registry to another: this action, a bare pipe as the lower bound of the
 * runtime, and every other tool on PATH, in turns in one run, between two CNCF distribution registries.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeImage } from '../test/support/images/images.ts';
import { gzipStored, packFile } from '../test/support/images/layers.ts';
import { pushImage } from '../test/support/registry/push-image.ts';
import { blobOf, digestText, type StoredBlob } from '../test/support/registry/registry-store.ts';
import { type Line, type LinedRegistry, startLinedRegistry } from './copies/line.ts';
import { type CopyTool, hashingPipe, missingPeers, ourCopy, presentPeers } from './copies/tools.ts';
import { runCopyTrial } from './copies/trial.ts';
import { requirePrograms } from './hosts/registry.ts';
import { describeMachine } from './machine.ts';
import { median } from './median.ts';
import type { ProcessFigures } from './process.ts';
import { markdownTable, plainTable } from './table.ts';

interface Case extends Line {
  readonly layers: number;
  /** The size of all layers together, MiB. */
  readonly size: number;
}

const few = { layers: 4, size: 512 };
const many = { layers: 64, size: 64 };
const cases: Readonly<Record<string, Case>> = {
  few: { title: 'Few large blobs', tls: false, roundTrip: 0, ...few },
  many: { title: 'Many small blobs', tls: false, roundTrip: 0, ...many },
  'few-tls': { title: 'Few large blobs over TLS', tls: true, roundTrip: 0, ...few },
  'many-tls': { title: 'Many small blobs over TLS', tls: true, roundTrip: 0, ...many },
  'few-far': {
    title: 'Few large blobs over TLS, 50 ms away',
    tls: true,
    roundTrip: 50,
    layers: 4,
    size: 128,
  },
  'many-far': { title: 'Many small blobs over TLS, 50 ms away', tls: true, roundTrip: 50, ...many },
};

const usage = `npm run bench:copy [-- options]
  --case NAME   one of ${Object.keys(cases).join(', ')}; can be repeated (default all)
  --runs N      copies by each tool; the median counts (default 5)
  --entry FILE  the program to measure (default dist/publish/index.js, or src/publish.ts without it)
  --alone       this action and the floor only
  --markdown    tables for docs/BENCHMARKS.md
  --json        one line of JSON for each case`;

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true, default: Object.keys(cases) },
    runs: { type: 'string', default: '5' },
    entry: { type: 'string', default: defaultEntry() },
    alone: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const image = 'bench/image:1';
const tools = [ourCopy(values.entry), hashingPipe, ...(values.alone ? [] : presentPeers())];
const crane = tools.find(({ program }) => program === 'crane');

/** Runs every tool once. */
type Round = ReadonlyMap<CopyTool, ProcessFigures>;

async function main(): Promise<void> {
  if (values.help) return void console.log(usage);
  requirePrograms({ 'docker-registry': 'docker-registry' });
  if (!values.json) for (const line of describeMachine()) console.log(values.markdown ? `- ${line}` : line);
  for (const name of values.case) await measureCase(caseNamed(name));
}

function caseNamed(name: string): Case {
  const found = cases[name];
  if (found !== undefined) return found;
  throw new Error(`${name}: not a case. Choose from ${Object.keys(cases).join(', ')}`);
}

function defaultEntry(): string {
  const dist = fileURLToPath(new URL('../dist/publish/index.js', import.meta.url));
  return existsSync(dist) ? dist : fileURLToPath(new URL('../src/publish.ts', import.meta.url));
}

async function measureCase(measured: Case): Promise<void> {
  const source = await startLinedRegistry(measured);
  try {
    const digest = await pushLargeImage(source, measured);
    const rounds: Round[] = [];
    for (let round = 0; round <= Number(values.runs); round++)
      rounds.push(await oneRound({ line: measured, source, image, digest }));
    // The first round fills the disk cache.
    report(measured, rounds.slice(1));
  } finally {
    await source.close();
  }
}

async function pushLargeImage({ registry }: LinedRegistry, { layers, size }: Case): Promise<string> {
  const bytes = Math.floor((size * 2 ** 20) / layers);
  const bigLayers = Array.from({ length: layers }, (_, number) => randomLayer(`${number}.bin`, bytes));
  const [repository = '', tag] = image.split(':');
  return pushImage(registry, repository, tag, makeImage('linux/amd64', { layers: 0, bigLayers }));
}

/** Random bytes, which do not compress. */
function randomLayer(name: string, size: number): StoredBlob & { readonly digest: string } {
  const bytes = gzipStored(packFile(name, randomBytes(size)));
  return { ...blobOf(bytes), digest: digestText(bytes) };
}

/** Runs tools in turns, so that a slow period of the machine affects all of them. */
async function oneRound(copy: Omit<Parameters<typeof runCopyTrial>[0], 'tool'>): Promise<Round> {
  const figures = new Map<CopyTool, ProcessFigures>();
  for (const tool of tools) figures.set(tool, await runCopyTrial({ ...copy, tool }));
  return figures;
}

function report({ title, layers, size }: Case, rounds: readonly Round[]): void {
  const table = {
    title: `${title}: ${size} MiB in ${layers} layers, median of ${rounds.length}`,
    headings: ['tool', 'wall s', '÷ floor', '÷ crane', 'CPU s', '÷ floor', '÷ crane', 'peak RSS MB'],
    rows: tools.map((tool) => row(rounds, tool)),
    notes: values.alone ? [] : missingPeers().map((name) => `${name}: not measured, not on PATH`),
  };
  if (values.json) console.log(JSON.stringify(table));
  else console.log(`\n${values.markdown ? markdownTable(table) : plainTable(table)}`);
}

function row(rounds: readonly Round[], tool: CopyTool): readonly string[] {
  const own = rounds.flatMap((round) => round.get(tool) ?? []);
  const columns = (figure: (figures: ProcessFigures) => number): readonly string[] => [
    (median(own.map(figure)) / 1000).toFixed(2),
    ...[hashingPipe, crane].map((other) => ratioOf(rounds, figure, [tool, other])),
  ];
  const memory = Math.max(...own.map((figures) => figures.memory));
  const time = [...columns(({ wall }) => wall), ...columns(({ processor }) => processor)];
  return [tool.name, ...time, (memory / 1e6).toFixed(0)];
}

/** The median of the ratios within one round. */
function ratioOf(
  rounds: readonly Round[],
  figure: (figures: ProcessFigures) => number,
  [tool, other]: readonly [CopyTool, CopyTool | undefined],
): string {
  if (other === undefined) return '';
  const ratios = rounds.flatMap((round) => {
    const [one, two] = [round.get(tool), round.get(other)];
    return one && two ? figure(one) / figure(two) : [];
  });
  return median(ratios).toFixed(2);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
