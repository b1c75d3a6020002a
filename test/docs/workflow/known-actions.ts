import { createHash } from 'node:crypto';
import type { StepRun } from './workflow-run.ts';

/** Another action that examples use: its newest major version, the inputs that examples use, and its outputs. */
export interface KnownAction {
  readonly version: string;
  readonly inputs: readonly string[];
  readonly outputs?: (step: StepRun) => Readonly<Record<string, string>>;
}

/** Actions of other owners, by name. */
export const knownActions: Readonly<Record<string, KnownAction>> = {
  'actions/checkout': { version: 'v7', inputs: ['persist-credentials', 'ref', 'fetch-depth', 'token'] },
  'actions/setup-node': { version: 'v7', inputs: ['node-version'] },
  'actions/attest': {
    version: 'v4',
    inputs: ['subject-name', 'subject-digest', 'push-to-registry', 'sbom-path', 'subject-path'],
  },
  'actions/upload-artifact': {
    version: 'v7',
    inputs: ['name', 'path', 'if-no-files-found', 'retention-days', 'compression-level'],
  },
  'actions/download-artifact': {
    version: 'v8',
    inputs: ['name', 'pattern', 'path', 'merge-multiple', 'run-id', 'github-token'],
  },
  'docker/setup-qemu-action': { version: 'v4', inputs: [] },
  'docker/setup-buildx-action': { version: 'v4', inputs: ['driver-opts'] },
  'docker/login-action': { version: 'v4', inputs: ['registry', 'username', 'password'] },
  'docker/metadata-action': {
    version: 'v6',
    inputs: ['images', 'tags', 'flavor'],
    outputs: ({ with: { images } }) => ({
      tags: linesOf(images)
        .flatMap((image) => [`${image}:1.2.3`, `${image}:latest`])
        .join('\n'),
      labels: 'org.opencontainers.image.title=app',
      annotations:
        'manifest:org.opencontainers.image.title=app\nmanifest:org.opencontainers.image.description=An app, and more',
    }),
  },
  'docker/build-push-action': {
    version: 'v7',
    inputs: ['context', 'platforms', 'push', 'tags', 'labels', 'outputs', 'provenance', 'sbom', 'build-args'],
    outputs: (step) => ({
      digest: madeUpDigest(step),
      metadata: JSON.stringify({ 'containerimage.digest': madeUpDigest(step) }),
    }),
  },
  'docker/bake-action': {
    version: 'v7',
    inputs: ['files', 'targets', 'push', 'set', 'source'],
    outputs: (step) => ({
      metadata: JSON.stringify({ app: { 'containerimage.digest': madeUpDigest(step) } }),
    }),
  },
  'sigstore/cosign-installer': { version: 'v4', inputs: [] },
};

function linesOf(value: unknown): readonly string[] {
  return String(value)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

// Different for each job.
function madeUpDigest(step: StepRun): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(step)).digest('hex')}`;
}
