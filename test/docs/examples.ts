import { parse } from 'yaml';
import { composedWorkflows } from './composition.ts';
import { fencesOf, pages } from './markdown.ts';
import { type ParsedFile, readWorkflow } from './workflow/parse-workflow.ts';

/** An example in YAML: a workflow, some keys of a job, some steps, some inputs of the action, or its `spec`. */
export interface Example {
  readonly place: string;
  readonly kind: 'workflow' | 'job' | 'steps' | 'inputs' | 'spec';
  /** The text as it stands on the page; a workflow that takes parts of others above it has these in it. */
  readonly text: string;
  /** The result of GitHub's parser; a part of a workflow is put into a complete one first. */
  readonly parsed: ParsedFile;
}

const jobKeys: ReadonlySet<string> = new Set([
  'needs',
  'permissions',
  'concurrency',
  'runs-on',
  'if',
  'steps',
]);

/** Every YAML example of every page; throws for broken YAML and for YAML of another kind. */
export async function readExamples(): Promise<readonly Example[]> {
  const composed = new Map(pages.flatMap((page) => [...composedWorkflows(page)]));
  const fences = pages.flatMap(fencesOf).filter(({ language }) => language === 'yaml');
  return await Promise.all(fences.map(({ place, text }) => readExample(place, composed.get(place) ?? text)));
}

async function readExample(place: string, text: string): Promise<Example> {
  const kind = kindOf(parse(text, { strict: true, uniqueKeys: true }), place);
  return { place, kind, text, parsed: await readWorkflow(place, workflowAround(kind, text)) };
}

function kindOf(value: unknown, place: string): Example['kind'] {
  if (Array.isArray(value)) return value.every((item) => 'uses' in item || 'run' in item) ? 'steps' : 'spec';
  if (typeof value !== 'object' || value === null) throw new Error(`${place} is not an example`);
  if ('jobs' in value) return 'workflow';
  return Object.keys(value).every((key) => jobKeys.has(key)) ? 'job' : 'inputs';
}

/** The workflow that a part of one is checked in. */
function workflowAround(kind: Example['kind'], text: string): string {
  if (kind === 'workflow') return text;
  if (kind === 'job') return `${opening}${indented(text, 4)}${missingKeys(text)}`;
  if (kind === 'steps') return `${opening}${exampleJob}${stepsBefore(text)}${indented(text, 6)}`;
  const inputs = kind === 'spec' ? `spec: |\n${indented(text, 2)}` : `${requiredBeside(text)}${text}`;
  return `${opening}${exampleJob}${stepsBefore(text)}${publishing}${indented(inputs, 10)}`;
}

const opening = `
on: push
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs:
      amd64: \${{ steps.amd64.outputs.digest }}
      arm64: \${{ steps.arm64.outputs.digest }}
    steps:
      - { id: amd64, uses: docker/build-push-action@v7 }
      - { id: arm64, uses: docker/build-push-action@v7, with: { platforms: linux/arm64 } }
  example:
`;

const exampleJob = `
    needs: build
    runs-on: ubuntu-24.04
    permissions:
      packages: write
    steps:
`;

// The keys that every job needs, unless the part of a job has them.
function missingKeys(text: string): string {
  const runner = /^runs-on:/m.test(text) ? '' : '    runs-on: ubuntu-24.04\n';
  return /^steps:/m.test(text) ? runner : `${runner}    steps:\n      - run: 'true'\n`;
}

const publishing = `
      - uses: OWNER/multiarch-manifest-action@v1
        with:
`;

// The steps that parts of workflows refer to, unless a part has a step of that name itself.
function stepsBefore(text: string): string {
  const steps = {
    login: '{ uses: docker/login-action@v4 }',
    meta: '{ id: meta, uses: docker/metadata-action@v6, with: { images: ghcr.io/acme/app } }',
    build: '{ id: build, uses: docker/build-push-action@v7 }',
    bake: '{ id: bake, uses: docker/bake-action@v7 }',
    list: '{ id: list, uses: OWNER/multiarch-manifest-action@v1, with: { tags: ghcr.io/acme/app:1, sources: ghcr.io/acme/app:1-amd64 } }',
  };
  const missing = Object.entries(steps).filter(([id]) => !new RegExp(`\\bid: ${id}$`, 'm').test(text));
  return missing.map(([, step]) => `      - ${step}\n`).join('');
}

// An example with some inputs may omit required ones.
function requiredBeside(text: string): string {
  const required = { tags: 'ghcr.io/acme/app:1.2.3', sources: 'ghcr.io/acme/app:1.2.3-amd64' };
  const missing = Object.entries(required).filter(([name]) => !new RegExp(`^${name}:`, 'm').test(text));
  return /^spec:/m.test(text) ? '' : missing.map(([name, value]) => `${name}: ${value}\n`).join('');
}

function indented(text: string, width: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(width));
}
