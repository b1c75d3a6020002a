/** The main job from end to end on the embedded registry: `npm run demo`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inputEnvironment } from './support/action-inputs.ts';
import { makeImage } from './support/images.ts';
import { pushImage } from './support/push-image.ts';
import { startRegistry } from './support/registry.ts';

const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
const entry = process.env['ACTION_ENTRY'] === 'dist' ? '../dist/publish/index.js' : '../src/publish.ts';

async function main(): Promise<number> {
  const registry = await startRegistry();
  const directory = await mkdtemp(join(tmpdir(), 'demo-'));
  try {
    const repository = `${registry.host}/acme/app`;
    heading('Images, one an architecture, as a build matrix leaves them');
    for (const platform of platforms) {
      const tag = `1.4.0-${platform.replaceAll('/', '-')}`;
      const digest = await pushImage(registry, 'acme/app', tag, makeImage(platform));
      console.log(`${repository}:${tag} ${digest}`);
    }
    const inputs = {
      tags: `${repository}:1.4.0\n${repository}:latest`,
      sources: `${repository}:1.4.0-{platform}`,
      platforms: platforms.join('\n'),
      annotations: 'org.opencontainers.image.version=1.4.0',
    };
    heading('Inputs');
    for (const [name, value] of Object.entries(inputs)) printValue(name, value);
    return await publish(inputs, directory);
  } finally {
    await registry.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function publish(inputs: Record<string, string>, directory: string): Promise<number> {
  const files = {
    GITHUB_OUTPUT: join(directory, 'output'),
    GITHUB_STEP_SUMMARY: join(directory, 'summary.md'),
  };
  for (const file of Object.values(files)) await writeFile(file, '');
  heading('Log');
  const { PATH = '', SYSTEMROOT = '' } = process.env;
  const env = {
    PATH,
    SYSTEMROOT,
    HOME: directory,
    RUNNER_TEMP: directory,
    ...files,
    ...inputEnvironment(inputs),
  };
  const child = spawn(process.execPath, [fileURLToPath(new URL(entry, import.meta.url))], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'close')) as [number | null];
  heading('Outputs');
  for (const [name, value] of outputs(await readFile(files.GITHUB_OUTPUT, 'utf8'))) printValue(name, value);
  heading('Job summary');
  console.log(await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'));
  return code ?? 1;
}

/** The runner's output file: `name<<DELIMITER`, the value's lines, `DELIMITER`. */
function outputs(text: string): [name: string, value: string][] {
  const entries = text.matchAll(/^([^\n<]+)<<([^\r\n]+)\r?\n(.*?)\r?\n\2$/gms);
  return Array.from(entries, ([, name = '', , value = '']) => [name, value]);
}

function printValue(name: string, value: string): void {
  console.log(value.includes('\n') ? `${name}: |\n  ${value.replaceAll('\n', '\n  ')}` : `${name}: ${value}`);
}

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

process.exitCode = await main();
