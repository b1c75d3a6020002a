/**
 * How long it takes to copy a large image from one registry to another: this action and every other tool on PATH,
 * side by side in one run, in turns, between two CNCF distribution registries.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeImage } from '../test/support/images/images.ts';
import { gzipStored, packFile } from '../test/support/images/layers.ts';
import { pushImage } from '../test/support/registry/push-image.ts';
import { realRegistryAvailable, startRealRegistry } from '../test/support/registry/real-registry.ts';
import type { RegistryHandle } from '../test/support/registry/registry-handle.ts';
import { blobOf, digestText, type StoredBlob } from '../test/support/registry/registry-store.ts';
import { type CopyTool, missingPeers, ourCopy, presentPeers } from './copy-tools.ts';
import { type CopyTrial, runCopyTrial } from './copy-trial.ts';
import { median } from './median.ts';
import { printTable } from './table.ts';

const usage = `npm run bench:copy [-- options]
  --size MIB    the image's layers together (default 512)
  --layers N    in how many (default 4)
  --runs N      copies by each tool; the median counts (default 5)
  --entry FILE  the program to measure (default dist/publish/index.js, or src/publish.ts where there is none)
  --alone       this action only
  --json        figures as JSON`;

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '512' },
    layers: { type: 'string', default: '4' },
    runs: { type: 'string', default: '5' },
    entry: { type: 'string', default: defaultEntry() },
    alone: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const mebibyte = 1024 * 1024;
const image = 'bench/image:1';

interface Figures {
  readonly tool: string;
  /** Seconds, the median. */
  readonly wall: number;
  /** MB, the largest of all runs. */
  readonly memory: number | undefined;
}

async function main(): Promise<void> {
  if (values.help) return void console.log(usage);
  if (!realRegistryAvailable())
    throw new Error('docker-registry is not on PATH (Debian package docker-registry)');
  const source = await startRealRegistry();
  try {
    const digest = await pushLargeImage(source);
    const tools = [ourCopy(values.entry), ...(values.alone ? [] : presentPeers())];
    const trials = await inTurns(tools, (tool) => runCopyTrial({ tool, from: source.host, image, digest }));
    report(tools.map((tool) => figuresOf(tool, trials.get(tool) ?? [])));
  } finally {
    await source.close();
  }
}

function defaultEntry(): string {
  const dist = fileURLToPath(new URL('../dist/publish/index.js', import.meta.url));
  return existsSync(dist) ? dist : fileURLToPath(new URL('../src/publish.ts', import.meta.url));
}

async function pushLargeImage(source: RegistryHandle): Promise<string> {
  const count = Number(values.layers);
  const size = Math.floor((Number(values.size) * mebibyte) / count);
  const bigLayers = Array.from({ length: count }, (_, number) => randomLayer(`${number}.bin`, size));
  const [repository = '', tag] = image.split(':');
  return pushImage(source, repository, tag, makeImage('linux/amd64', { layers: 0, bigLayers }));
}

/** Nothing that a compressor could make smaller. */
function randomLayer(name: string, size: number): StoredBlob & { readonly digest: string } {
  const bytes = gzipStored(packFile(name, randomBytes(size)));
  return { ...blobOf(bytes), digest: digestText(bytes) };
}

/** Whatever slows the machine down for a while then slows all of them down; the first round only warms up. */
async function inTurns(
  tools: readonly CopyTool[],
  once: (tool: CopyTool) => Promise<CopyTrial>,
): Promise<ReadonlyMap<CopyTool, readonly CopyTrial[]>> {
  const trials = new Map<CopyTool, CopyTrial[]>(tools.map((tool) => [tool, []]));
  for (let round = 0; round <= Number(values.runs); round++) {
    for (const tool of tools) {
      const trial = await once(tool);
      if (round > 0) trials.get(tool)?.push(trial);
    }
  }
  return trials;
}

function figuresOf(tool: CopyTool, trials: readonly CopyTrial[]): Figures {
  const memories = trials.flatMap(({ memory }) => memory ?? []);
  return {
    tool: tool.name,
    wall: median(trials.map(({ wall }) => wall)) / 1000,
    memory: memories.length === 0 ? undefined : Math.max(...memories) / 1e6,
  };
}

function report(figures: readonly Figures[]): void {
  const { size, layers, runs } = values;
  const [ours, ...others] = figures;
  const fastest = Math.min(...others.map(({ wall }) => wall));
  const ratio = others.length === 0 ? undefined : (ours?.wall ?? Number.NaN) / fastest;
  if (values.json) return void console.log(JSON.stringify({ size, layers, runs, figures, ratio }));
  console.log(`\n${size} MiB in ${layers} layers between two registries: median of ${runs}`);
  printTable(
    ['tool', 'wall s', 'to fastest peer', 'peak RSS MB'],
    figures.map(({ tool, wall, memory }) => [
      ...[tool, wall.toFixed(2), others.length === 0 ? '' : (wall / fastest).toFixed(2)],
      memory?.toFixed(0) ?? '?',
    ]),
  );
  const missing = missingPeers();
  if (missing.length > 0) console.log(`not on PATH: ${missing.join(', ')}`);
}

await main();
