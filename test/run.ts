/**
 * Runs tests, each room in one process and as many processes at a time as there are processors: suites by name, or files
 * and folders. `npm test -- test/scenarios/main` or `npm test -- test/unit/oci/digest.test.ts`. What starts with `--` goes
 * to node, such as `--test-update-snapshots` or `--test-name-pattern=…`.
 */
import { spawn } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Counts } from './support/run/failures.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What one process runs. */
interface Room {
  readonly files: readonly string[];
  readonly options?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The scenarios that wait for sockets to fall silent, which takes a minute and more. */
const endurance = 'test/scenarios/trust/endurance';

const unit = ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts', 'test/docs/**/*.test.ts'];

const coverage = [
  '--experimental-test-coverage',
  '--test-coverage-lines=96',
  '--test-coverage-branches=94',
  '--test-coverage-functions=95',
  '--test-coverage-include=src/**',
];

const reporter = new URL('./support/run/failures.ts', import.meta.url).href;
const compiled = join(root, 'node_modules', '.cache', 'compiled');
const nothing: Counts = { passed: 0, failed: 0, skipped: 0, reasons: [] };

const onDist = { ACTION_ENTRY: 'dist' };

/** The rooms of each suite; those that take longest stand first. */
const suites: Readonly<Record<string, () => readonly Room[]>> = {
  unit: () => [{ files: unit }],
  coverage: () => [
    { files: [...unit, 'test/scenarios/{amend,content,purge,safety}/*.test.ts'], options: coverage },
  ],
  scenarios: () => scenarios({}),
  real: () =>
    ['real', 'real/signers', 'pictures'].map((room) => ({
      files: [`test/${room}/*.test.ts`],
      environment: onDist,
    })),
  matrix: () => [{ files: ['test/matrix/*.test.ts'], environment: onDist }],
  dist: () => [
    { files: [`${endurance}/*.test.ts`], environment: onDist },
    ...['real', 'matrix'].flatMap((name) => roomsOf(name)),
    ...scenarios(onDist),
  ],
  sweep: () => oneEach(['test/faults/sweep-main-job.test.ts', 'test/faults/sweep-several-tags.test.ts']),
  nightly: () => [
    ...oneEach(globSync('test/faults/sweep-*-copies.test.ts', { cwd: root })),
    { files: ['test/real/signers/*.test.ts'], environment: { ...onDist, SIGNERS: 'all' } },
  ],
};

const { options, names } = argumentsOf(process.argv.slice(2));
const chosen = names.filter((name) => !(name in suites));
const isWhole = chosen.length > 0;
const waiting = isWhole ? chosen.map(roomAt) : names.flatMap(roomsOf);
const results: Counts[] = [];
const processes = Math.min(4, Math.max(2, availableParallelism()));
await Promise.all(Array.from({ length: processes }, runNext));
conclude();

/** `npm test -- FILE` names the suites of `npm test` first: files replace them. */
function argumentsOf(given: readonly string[]): { options: readonly string[]; names: readonly string[] } {
  return {
    options: given.filter((each) => each.startsWith('--')),
    names: given.filter((each) => !each.startsWith('--')),
  };
}

function roomsOf(name: string): readonly Room[] {
  return suites[name]?.() ?? [];
}

function roomAt(path: string): Room {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined)
    throw new Error(`${path} is neither a file or folder here nor one of ${Object.keys(suites).join(', ')}`);
  const environment = /^test\/(?:real|pictures|matrix)\b/.test(path) ? onDist : {};
  return { files: [found.isDirectory() ? `${path}/**/*.test.ts` : path], environment };
}

function oneEach(files: readonly string[]): readonly Room[] {
  return files.map((file) => ({ files: [file] }));
}

function scenarios(environment: Readonly<Record<string, string>>): readonly Room[] {
  const folder = 'test/scenarios';
  const found = globSync(`${folder}/**/*.test.ts`, { cwd: root }).map((file) => dirname(file));
  const first = ['faults', 'credentials', 'network', 'copy'].map((name) => join(folder, name));
  const rest = [...new Set(found)].filter((room) => !first.includes(room) && room !== endurance).toSorted();
  return [...first, ...rest].map((room) => ({ files: [`${room}/*.test.ts`], environment }));
}

async function runNext(): Promise<void> {
  for (let room = waiting.shift(); room !== undefined; room = waiting.shift()) results.push(await run(room));
}

/** Runs one room, and shows what it printed if it fails. */
function run({ files, options: own = [], environment = {} }: Room): Promise<Counts> {
  const args = [
    '--test',
    '--test-isolation=none',
    `--test-reporter=${reporter}`,
    ...own,
    ...options,
    ...files,
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: {
      NODE_COMPILE_CACHE: compiled,
      ...process.env,
      ...environment,
      ...(isWhole && { TEST_REPORT: 'whole' }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<Counts>();
  const printed: Buffer[] = [];
  let counts: Counts | undefined;
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => printed.push(piece));
  child.on('message', (message) => {
    counts = message as Counts;
  });
  child.once('error', reject);
  child.once('close', (code) => {
    const isGreen = code === 0 && counts !== undefined;
    if (!isGreen || isWhole) process.stdout.write(Buffer.concat(printed));
    if (!isGreen) console.log(`failed: npm test -- ${[...files, ...own, ...options].join(' ')}\n`);
    const { passed, failed, skipped, reasons } = counts ?? nothing;
    resolve({ passed, failed: isGreen ? failed : Math.max(failed, 1), skipped, reasons });
  });
  return promise;
}

/** Prints the reasons of skipped tests and, as the last line, the counts. */
function conclude(): void {
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    results.reduce((total, counts) => total + counts[key], 0);
  const reasons = [...new Set(results.flatMap((counts) => counts.reasons))];
  const missing = [...new Set(reasons.flatMap(missingIn))].toSorted();
  const others = reasons.filter((reason) => missingIn(reason).length === 0).toSorted();
  const told = [...(missing.length > 0 ? [`not on PATH: ${missing.join(', ')}`] : []), ...others];
  if (told.length > 0) console.log(`skipped: ${told.join('; ')}`);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}

/** The programs whose absence is the reason to skip a test. */
function missingIn(reason: string): readonly string[] {
  const [, named] =
    /^not on PATH: (.+)$/.exec(reason) ?? /^(\S+) is not (?:on PATH|installed)$/.exec(reason) ?? [];
  return named?.split(', ') ?? [];
}
