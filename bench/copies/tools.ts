/** Tools that copy an image from one registry to another, and how each is told to. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputVariables } from '../test/support/action-definition.ts';
import { findProgram } from '../test/support/programs.ts';

/** One copy. */
export interface CopyJob {
  /** `127.0.0.1:port`. */
  readonly from: string;
  readonly to: string;
  /** `name:tag`, the same at both. */
  readonly image: string;
  /** An empty directory for the tool's settings and caches. */
  readonly home: string;
}

export interface CopyCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CopyTool {
  readonly name: string;
  readonly program: string;
  /** Settings made before time is taken. */
  prepare?(job: CopyJob): readonly CopyCommand[];
  command(job: CopyJob): CopyCommand;
}

/** This action, started as the runner starts it; `prefer-index: false` makes it publish a sole image as it is. */
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

function runnerFiles(home: string): Record<string, string> {
  const names = { GITHUB_OUTPUT: 'output', GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_STATE: 'state' };
  const files = Object.entries(names).map(([name, file]) => [name, join(home, file)] as const);
  for (const [, file] of files) writeFileSync(file, '');
  return { ...Object.fromEntries(files), RUNNER_TEMP: home };
}

const peers: readonly CopyTool[] = [
  {
    name: 'skopeo copy',
    program: 'skopeo',
    command: ({ from, to, image }) => ({
      program: 'skopeo',
      arguments: [
        ...['--insecure-policy', 'copy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false'],
        ...[`docker://${from}/${image}`, `docker://${to}/${image}`],
      ],
    }),
  },
  {
    name: 'oras cp',
    program: 'oras',
    command: ({ from, to, image }) => ({
      program: 'oras',
      arguments: ['cp', '--from-plain-http', '--to-plain-http', `${from}/${image}`, `${to}/${image}`],
    }),
  },
  {
    name: 'crane copy',
    program: 'crane',
    command: ({ from, to, image }) => ({
      program: 'crane',
      arguments: ['copy', '--insecure', `${from}/${image}`, `${to}/${image}`],
    }),
  },
  {
    name: 'regctl image copy',
    program: 'regctl',
    prepare: ({ from, to }) =>
      [from, to].map((host) => ({
        program: 'regctl',
        arguments: ['registry', 'set', '--tls', 'disabled', host],
      })),
    command: ({ from, to, image }) => ({
      program: 'regctl',
      arguments: ['image', 'copy', `${from}/${image}`, `${to}/${image}`],
    }),
  },
];

/** Those of the peers that are on PATH. */
export function presentPeers(): readonly CopyTool[] {
  return peers.filter(({ program }) => findProgram(program) !== undefined);
}

/** The names of those that are not. */
export function missingPeers(): readonly string[] {
  return peers.filter(({ program }) => findProgram(program) === undefined).map(({ name }) => name);
}
