import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../markdown.ts';

/** One input of an action.yml. */
export interface ActionInput {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string;
}

/** The content of an action.yml. */
export interface ActionManifest {
  readonly inputs: Readonly<Record<string, ActionInput>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

/** The actions of this repository, as examples name them, by folder. */
const names: Readonly<Record<string, string>> = {
  '.': 'OWNER/multiarch-manifest-action@v1',
  inspect: 'OWNER/multiarch-manifest-action/inspect@v1',
  purge: 'OWNER/multiarch-manifest-action/purge@v1',
};

/** The actions of this repository, by the folder of their action.yml; the publish action is `.`. */
export const ownActions: ReadonlyMap<string, ActionManifest> = new Map(
  Object.keys(names)
    .map((folder) => [folder, join(root, folder, 'action.yml')] as const)
    .filter(([, file]) => existsSync(file))
    .map(([folder, file]) => [folder, parse(readFileSync(file, 'utf8'))]),
);

/** The reusable workflow of this repository, as examples name it. */
export const ownWorkflow = 'OWNER/multiarch-manifest-action/.github/workflows/multiarch.yml@v1';

/** The folder of the action that `uses` names, as examples or as this repository's own workflows write it. */
export function ownFolder(uses: string | undefined): string | undefined {
  const [folder] = Object.entries(names).find(([, name]) => name === uses) ?? [];
  if (folder !== undefined || !uses?.startsWith('./')) return folder;
  return uses === './' ? '.' : uses.slice(2);
}

const digest = `sha256:${'d'.repeat(64)}`;

/** Example values for outputs of this repository's actions; all other outputs are made-up words. */
const outputValues: Readonly<Record<string, string>> = {
  digest,
  name: 'ghcr.io/acme/app',
  image: `ghcr.io/acme/app@${digest}`,
  images: `ghcr.io/acme/app@${digest}\ndocker.io/acme/app@${digest}`,
  published: 'true',
  changed: 'true',
  platforms: 'linux/amd64,linux/arm64',
  json: '{"schemaVersion":2,"manifests":[]}',
  'json-file': '/tmp/list.json',
};

/** Made-up outputs of one of this repository's actions. */
export function ownOutputs(folder: string): Readonly<Record<string, string>> {
  const declared = Object.keys(ownActions.get(folder)?.outputs ?? {});
  return Object.fromEntries(declared.map((name) => [name, outputValues[name] ?? `example-${name}`]));
}
