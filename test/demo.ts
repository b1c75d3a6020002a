/** The work that this action replaces, in three acts on the embedded registry: `npm run demo`. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pageOf } from './pictures/page.ts';
import { plainText } from './pictures/plain-text.ts';
import { makeImage, makeIndex } from './support/images/images.ts';
import { pushImage } from './support/registry/push-image.ts';
import { startRegistry } from './support/registry/registry.ts';
import { runAction } from './support/run/run-action.ts';
import { findProgram } from './support/wire/programs.ts';

/** What the acts share. */
interface Stage {
  readonly registry: Awaited<ReturnType<typeof startRegistry>>;
  /** `127.0.0.1:5000/acme/app` */
  readonly repository: string;
  /** Where docker keeps its drafts. */
  readonly dockerConfig: string;
}

async function main(): Promise<void> {
  const registry = await startRegistry();
  const dockerConfig = await mkdtemp(join(tmpdir(), 'demo-'));
  try {
    const stage = { registry, repository: `${registry.host}/acme/app`, dockerConfig };
    await pushImages(stage);
    await oldCommands(stage);
    await step(stage);
    await inspection(stage);
    cost();
  } finally {
    await registry.close();
    await rm(dockerConfig, { recursive: true, force: true });
  }
}

/** The images of a build matrix; the config of the one for arm lacks its variant, as some builders write it. */
async function pushImages({ registry, repository }: Stage): Promise<void> {
  heading('Before: a build matrix has pushed two images');
  const images = {
    '1.4.0-amd64': makeImage('linux/amd64'),
    '1.4.0-armv6': makeImage('linux/arm/v6', { configPlatform: { os: 'linux', architecture: 'arm' } }),
  };
  for (const [tag, image] of Object.entries(images)) {
    console.log(`${repository}:${tag} ${await pushImage(registry, 'acme/app', tag, image)}`);
  }
  const earlier = makeIndex([makeImage('linux/amd64', { name: 'earlier' })]);
  for (const tag of ['1.3.2', 'latest']) await pushImage(registry, 'acme/app', tag, earlier);
}

/** Runs the commands up to the push if docker is there; otherwise only its draft is written. */
async function oldCommands({ repository, dockerConfig }: Stage): Promise<void> {
  heading('Act 1: the old commands');
  const list = `${repository}:1.4.0`;
  const docker = findProgram('docker');
  const commands = [
    ['create', '--insecure', list, `${list}-amd64`, `${list}-armv6`],
    ['annotate', '--arch', 'arm', '--variant', 'v6', list, `${list}-armv6`],
    ['inspect', '--insecure', list],
  ];
  for (const command of commands) {
    console.log(`$ docker manifest ${command.join(' ')}`);
    if (docker === undefined) continue;
    console.log(indented(await output(docker, ['manifest', ...command], dockerConfig)));
  }
  console.log(`$ docker manifest push --purge --insecure ${list}   # not run: act 2 publishes the list`);
  if (docker === undefined) console.log('(docker is not on PATH: the commands were not run)');
  writeDraft(dockerConfig, list);
}

/** What a command of docker prints, also if it fails. */
function output(docker: string, command: readonly string[], dockerConfig: string): Promise<string> {
  const env = { ...process.env, DOCKER_CONFIG: dockerConfig };
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(docker, command, { env, timeout: 20_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
  return promise;
}

// Where `docker manifest create` keeps it, also if docker is missing or has failed.
function writeDraft(dockerConfig: string, list: string): void {
  const folder = join(
    dockerConfig,
    'manifests',
    list.replaceAll(/[/:]/g, (mark) => (mark === '/' ? '_' : '-')),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'draft'), '{}');
}

async function step({ repository, dockerConfig }: Stage): Promise<void> {
  heading('Act 2: the step');
  const inputs = {
    tags: `${repository}:1.4.0\n${repository}:latest`,
    sources: `${repository}:1.4.0-amd64\n${repository}:1.4.0-armv6 linux/arm/v6`,
  };
  printStep('OWNER/multiarch-manifest-action@v1', inputs);
  const run = await runAction('publish', inputs, { env: { DOCKER_CONFIG: dockerConfig } });
  printRun(run);
  await printPage(run.summary, 'published');
}

async function inspection({ repository }: Stage): Promise<void> {
  heading('Act 3: the list, inspected and compared');
  const inputs = {
    image: `${repository}:latest`,
    'expect-platforms': 'linux/amd64\nlinux/arm/v6',
    'compare-with': `${repository}:1.3.2`,
  };
  printStep('OWNER/multiarch-manifest-action/inspect@v1', inputs);
  const run = await runAction('inspect', inputs);
  printRun(run);
  await printPage(run.summary, 'inspected');
}

/** The first table of docs/BENCHMARKS.md, as it stands there. */
function cost(): void {
  heading('Cost for seven images and one tag, as docs/BENCHMARKS.md measures it');
  const lines = readFileSync(new URL('../docs/BENCHMARKS.md', import.meta.url), 'utf8').split('\n');
  const cells = lines
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const head = cells.findIndex((row) => row.includes('requests') && row.includes('round trips'));
  for (const row of cells.slice(head + 2)) {
    if (row[1] === 'tool') break;
    if (!/^(this action|docker )/.test(row[1] ?? '')) continue;
    const [requests, roundTrips] = ['requests', 'round trips'].map(
      (name) => row[cells[head]?.indexOf(name) ?? 0],
    );
    console.log(
      `${row[1]?.padEnd(50)} ${requests?.padStart(3)} requests, ${roundTrips?.padStart(5)} round trips`,
    );
  }
  heading('Try it on your own images');
  printStep('OWNER/multiarch-manifest-action@v1', {
    tags: 'ghcr.io/acme/app:latest',
    sources: 'ghcr.io/acme/app:1.4.0-amd64\nghcr.io/acme/app:1.4.0-arm64',
    push: 'false',
  });
  console.log('\nWith `push: false` it reads, checks and reports, and writes nothing.');
}

function printStep(uses: string, inputs: Readonly<Record<string, string>>): void {
  console.log(`- uses: ${uses}\n  with:`);
  for (const [name, value] of Object.entries(inputs))
    console.log(value.includes('\n') ? `    ${name}: |\n${indented(value, 6)}` : `    ${name}: ${value}`);
}

function printRun(run: Awaited<ReturnType<typeof runAction>>): void {
  console.log('\nLog:');
  // The runner reads the commands of its protocol, and shows their text.
  const log = (run.stdout + run.stderr).replaceAll(/^::(?:group|warning|notice|error)[^:]*::|^::.*\n/gm, '');
  console.log(indented(log));
  console.log('\nJob summary:');
  console.log(indented(plainText(run.summary)));
  if (run.exitCode !== 0) process.exitCode = run.exitCode ?? 1;
}

/** Writes the summary as GitHub shows it, and names the file to open. */
async function printPage(markdown: string, name: string): Promise<void> {
  const folder = fileURLToPath(new URL('../.cache/demo/', import.meta.url));
  const file = `${folder}${name}.html`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, await pageOf(markdown, 'light'));
  console.log(`\nThe same as GitHub shows it, for a browser: ${pathToFileURL(file).href}`);
}

function indented(text: string, by = 2): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, ' '.repeat(by));
}

function heading(text: string): void {
  console.log(`\n== ${text}\n`);
}

await main();
