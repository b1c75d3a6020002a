/**
 * What a whole run costs beside starting Node at all: 7 sources, 1 tag, a registry on this machine, in turns with
 * `node -e 1`. The ratio counts, not the milliseconds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRealRegistry } from '../test/support/registry/real-registry.ts';
import { pushImages } from './fixture.ts';
import { median } from './median.ts';
import { type Command, ourAction } from './tools.ts';

const entry = process.argv[2] ?? fileURLToPath(new URL('../dist/publish/index.js', import.meta.url));
const runs = 21;
const bare: Command = { program: process.execPath, arguments: ['-e', '1'] };

async function milliseconds({ program, arguments: words, environment }: Command): Promise<number> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  const start = performance.now();
  const child = spawn(program, words, { env, stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`);
  return performance.now() - start;
}

const registry = await startRealRegistry();
const home = await mkdtemp(join(tmpdir(), 'bench-'));
try {
  const images = await pushImages(registry, 'bench/small', 7);
  const place = { host: registry.host, repository: `${registry.host}/bench/small`, images, home };
  const tool = ourAction(entry);
  const pairs: { readonly ours: number; readonly bare: number }[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const [command] = tool.commands({ ...place, tags: [`list-${run}`] });
    if (command === undefined) throw new Error('nothing to run');
    pairs.push({ bare: await milliseconds(bare), ours: await milliseconds(command) });
  }
  // The first pair warms the disk up.
  const counted = pairs.slice(1);
  const ratio = median(counted.map((pair) => pair.ours / pair.bare));
  const [ours, node] = [median(counted.map((pair) => pair.ours)), median(counted.map((pair) => pair.bare))];
  console.log(
    `whole run ${ours.toFixed(0)} ms, node -e 1 ${node.toFixed(0)} ms, ${ratio.toFixed(1)} times (median of ${runs})`,
  );
} finally {
  await registry.close();
  await rm(home, { recursive: true, force: true });
}
