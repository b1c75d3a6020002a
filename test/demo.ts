/** The main job from end to end on the embedded registry: `npm run demo`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pageOf } from './pictures/page.ts';
import { makeImage } from './support/images/images.ts';
import { pushImage } from './support/registry/push-image.ts';
import { startRegistry } from './support/registry/registry.ts';
import { runAction } from './support/run/run-action.ts';

const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];

async function main(): Promise<number> {
  const registry = await startRegistry();
  try {
    const repository = `${registry.host}/acme/app`;
    heading('Images, one an architecture, as a build matrix leaves them');
    for (const platform of platforms) {
      const tag = `1.4.0-${platform.replaceAll('/', '-')}`;
      const digest = await pushImage(registry, 'acme/app', tag, makeImage(platform));
      console.log(`${repository}:${tag} ${digest}`);
    }
    return await publishList(repository);
  } finally {
    await registry.close();
  }
}

async function publishList(repository: string): Promise<number> {
  const inputs = {
    tags: `${repository}:1.4.0\n${repository}:latest`,
    sources: `${repository}:1.4.0-{platform}`,
    platforms: platforms.join('\n'),
    annotations: 'org.opencontainers.image.version=1.4.0',
  };
  heading('Inputs');
  printValues(inputs);
  const run = await runAction('publish', inputs);
  heading('Log');
  process.stdout.write(run.stdout + run.stderr);
  heading('Outputs');
  printValues(run.outputs);
  heading('Job summary');
  process.stdout.write(run.summary);
  heading('The same summary as GitHub shows it: open this file in a browser');
  console.log(await renderedSummary(run.summary));
  return run.exitCode ?? 1;
}

/** Writes the summary as a page; returns its URL. */
async function renderedSummary(markdown: string): Promise<string> {
  const folder = fileURLToPath(new URL('../.cache/demo/', import.meta.url));
  const file = `${folder}summary.html`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, await pageOf(markdown, 'light'));
  return pathToFileURL(file).href;
}

function printValues(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values))
    console.log(
      value.includes('\n') ? `${name}: |\n  ${value.replaceAll('\n', '\n  ')}` : `${name}: ${value}`,
    );
}

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

process.exitCode = await main();
