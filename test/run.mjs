// Runs suites of tests, each room in one process and two processes at a time: `node test/run.mjs unit scenarios`.
// Further options go to node, such as --test-update-snapshots or --test-name-pattern.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The scenarios that wait for sockets to fall silent, which takes a minute and more: `test:dist` runs them. */
const endurance = 'trust/endurance';

/** What a suite's processes run; those that take longest stand first. */
const suites = {
  unit: () => [['test/unit/**/*.test.ts', 'test/property/**/*.test.ts', 'test/docs/**/*.test.ts']],
  scenarios: () => rooms(['faults', 'credentials', 'network', 'copy']),
  endurance: () => [[`test/scenarios/${endurance}/*.test.ts`]],
  real: () => [['test/real/*.test.ts'], ['test/pictures/*.test.ts']],
  dist: () => [...suites.endurance(), ...suites.real(), ...suites.matrix(), ...suites.scenarios()],
  matrix: () => [['test/matrix/*.test.ts']],
  sweep: () => globSync('test/faults/*.test.ts', { cwd: root }).map((file) => [file]),
};

const options = process.argv.slice(2).filter((each) => each.startsWith('--'));
const names = process.argv.slice(2).filter((each) => !each.startsWith('--'));
const waiting = names.flatMap((name) => {
  if (!(name in suites)) throw new Error(`${name} is not one of ${Object.keys(suites).join(', ')}`);
  return suites[name]();
});

const environment = {
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
  ...(names.includes('dist') && { ACTION_ENTRY: 'dist' }),
};
const started = performance.now();
const failed = [];
await Promise.all([runNext(), runNext()]);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  failed.length === 0 ? `all passed in ${seconds} s` : `failed after ${seconds} s: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function rooms(first) {
  const folder = 'test/scenarios';
  const files = globSync(`${folder}/**/*.test.ts`, { cwd: root });
  const found = [...new Set(files.map((file) => relative(folder, dirname(file))))];
  const rest = found.filter((room) => !first.includes(room) && room !== endurance).toSorted();
  return [...first, ...rest].map((room) => [`${folder}/${room}/*.test.ts`]);
}

async function runNext() {
  for (let files = waiting.shift(); files !== undefined; files = waiting.shift())
    if ((await run(files)) !== 0) failed.push(...files);
}

/** Runs files in one process and shows what it printed when it ends. */
function run(files) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const args = ['--test', '--test-isolation=none', '--test-reporter=spec', ...options, ...files];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...environment, ...process.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  child.once('error', reject);
  child.once('close', (code) => {
    process.stdout.write(Buffer.concat(printed));
    resolve(code ?? 1);
  });
  return promise;
}
