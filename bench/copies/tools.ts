/** Tools that copy an image from one registry to another, and their commands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inputVariables } from '../../test/support/run/action-definition.ts';
import { findProgram } from '../../test/support/wire/programs.ts';
import type { Command } from '../process.ts';

/** One copy. */
export interface CopyJob {
  /** `127.0.0.1:port`. */
  readonly from: string;
  readonly to: string;
  readonly scheme: 'http' | 'https';
  /** `name:tag`, the same at both. */
  readonly image: string;
  /** An empty directory for the tool's settings and caches. */
  readonly home: string;
}

export interface CopyTool {
  readonly name: string;
  /** The program that must be on PATH. */
  readonly program: string;
  /** Prepares the tool; not timed. */
  prepare?(job: CopyJob): readonly Command[];
  command(job: CopyJob): Command;
}

/** This action, started as the runner does; `prefer-index: false` publishes a single image unchanged. */
export function ourCopy(entry: string): CopyTool {
  return {
    name: 'this action',
    program: process.execPath,
    command: (job) => ({
      program: process.execPath,
      arguments: [entry],
      environment: {
        ...runnerFiles(job.home),
        ...inputVariables('publish', {
          tags: `${job.to}/${job.image}`,
          sources: `${job.from}/${job.image}`,
          'prefer-index': 'false',
        }),
      },
    }),
  };
}

/** The lower bound of this runtime: hashes the same bytes between two requests of undici, without other code of the action. */
export const hashingPipe: CopyTool = {
  name: 'bare undici pipe that hashes',
  program: process.execPath,
  command: ({ scheme, from, to, image }) => ({
    program: process.execPath,
    arguments: [
      fileURLToPath(new URL('hashing-pipe.mjs', import.meta.url)),
      ...[`${scheme}://${from}`, `${scheme}://${to}`, image],
    ],
  }),
};

function runnerFiles(home: string): Record<string, string> {
  const names = { GITHUB_OUTPUT: 'output', GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_STATE: 'state' };
  const files = Object.entries(names).map(([name, file]) => [name, join(home, file)] as const);
  for (const [, file] of files) writeFileSync(file, '');
  return { ...Object.fromEntries(files), RUNNER_TEMP: home };
}

/** Options that a tool needs for plain HTTP alone. */
function ifPlain({ scheme }: CopyJob, ...words: string[]): string[] {
  return scheme === 'http' ? words : [];
}

const peers: readonly CopyTool[] = [
  {
    name: 'crane copy',
    program: 'crane',
    command: (job) => ({
      program: 'crane',
      arguments: ['copy', ...ifPlain(job, '--insecure'), ...references(job)],
    }),
  },
  {
    name: 'oras cp',
    program: 'oras',
    command: (job) => ({
      program: 'oras',
      arguments: ['cp', ...ifPlain(job, '--from-plain-http', '--to-plain-http'), ...references(job)],
    }),
  },
  {
    name: 'skopeo copy',
    program: 'skopeo',
    command: (job) => ({
      program: 'skopeo',
      arguments: [
        ...['--insecure-policy', 'copy', '--quiet'],
        ...ifPlain(job, '--src-tls-verify=false', '--dest-tls-verify=false'),
        ...references(job).map((reference) => `docker://${reference}`),
      ],
    }),
  },
  {
    name: 'regctl image copy',
    program: 'regctl',
    prepare: (job) =>
      [job.from, job.to]
        .slice(0, job.scheme === 'http' ? 2 : 0)
        .map((host) => ({ program: 'regctl', arguments: ['registry', 'set', '--tls', 'disabled', host] })),
    command: (job) => ({ program: 'regctl', arguments: ['image', 'copy', ...references(job)] }),
  },
];

function references({ from, to, image }: CopyJob): readonly [from: string, to: string] {
  return [`${from}/${image}`, `${to}/${image}`];
}

/** The peers that are on PATH. */
export function presentPeers(): readonly CopyTool[] {
  return peers.filter(({ program }) => findProgram(program) !== undefined);
}

/** The names of the peers that are not on PATH. */
export function missingPeers(): readonly string[] {
  return peers.filter(({ program }) => findProgram(program) === undefined).map(({ name }) => name);
}
