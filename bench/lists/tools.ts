/** The compared tools, and the commands with which each publishes the same images under the same tags. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputVariables } from '../../test/support/run/action-definition.ts';
import { findProgram } from '../../test/support/wire/programs.ts';
import type { FixtureImage } from '../fixture.ts';
import type { Command } from '../process.ts';

/** One list to publish. */
export interface Job {
  /** The registry's name in references. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** The repository of the images, `host/name`, without a tag. */
  readonly repository: string;
  readonly images: readonly FixtureImage[];
  /** The tags to publish in that repository. */
  readonly tags: readonly string[];
  /** Further tags in other repositories of the host, as whole references; only this action publishes them. */
  readonly elsewhere: readonly string[];
  /** An empty directory for the tool's settings and caches. */
  readonly home: string;
}

export interface Tool {
  readonly name: string;
  /** Names the missing program; undefined if the tool is installed. */
  missing(): string | undefined;
  /** Prepares the tool; not timed. */
  prepare?(job: Job): readonly Command[];
  /** The timed commands, in order. */
  commands(job: Job): readonly Command[];
}

/** The bundle as the runner starts it. */
export function ourAction(entry: string): Tool {
  return {
    name: 'this action',
    missing: () => undefined,
    commands: (job) => [
      { program: process.execPath, arguments: [entry], environment: actionEnvironment(job) },
    ],
  };
}

function actionEnvironment(job: Job): Record<string, string> {
  const files = { GITHUB_OUTPUT: 'output', GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_STATE: 'state' };
  const paths = Object.entries(files).map(([name, file]) => [name, join(job.home, file)] as const);
  for (const [, path] of paths) writeFileSync(path, '');
  return {
    ...Object.fromEntries(paths),
    RUNNER_TEMP: job.home,
    ...inputVariables('publish', {
      tags: [...references(job, job.tags), ...job.elsewhere].join('\n'),
      sources: sources(job).join('\n'),
    }),
  };
}

function references(job: Job, tags: readonly string[]): string[] {
  return tags.map((tag) => `${job.repository}:${tag}`);
}

function sources(job: Job): string[] {
  return references(
    job,
    job.images.map((image) => image.tag),
  );
}

/** Options that a tool needs for plain HTTP alone. */
function ifPlain({ scheme }: Job, ...words: string[]): string[] {
  return scheme === 'http' ? words : [];
}

function onPath(program: string): () => string | undefined {
  return () => (findProgram(program) ? undefined : `${program} is not on PATH`);
}

interface ScriptSteps {
  readonly beforePush?: (list: string) => readonly string[][];
  readonly afterPush?: (list: string) => readonly string[][];
}

function dockerManifest(job: Job, { beforePush, afterPush }: ScriptSteps = {}): Command[] {
  return references(job, job.tags).flatMap((list) =>
    [
      ['create', ...ifPlain(job, '--insecure'), list, ...sources(job)],
      ...(beforePush?.(list) ?? []),
      ['push', ...ifPlain(job, '--insecure'), '--purge', list],
      ...(afterPush?.(list) ?? []),
    ].map((words) => ({ program: 'docker', arguments: ['manifest', ...words] })),
  );
}

function annotations(job: Job, list: string): string[][] {
  return job.images.map(({ tag, os, architecture, variant }) => {
    const flags = ['--os', os, '--arch', architecture, ...(variant ? ['--variant', variant] : [])];
    return ['annotate', ...flags, list, `${job.repository}:${tag}`];
  });
}

function manifestToolSpecification(job: Job): string {
  const [image, ...others] = references(job, job.tags);
  const manifests = job.images.map(({ tag, os, architecture, variant }) => ({
    image: `${job.repository}:${tag}`,
    platform: { os, architecture, ...(variant && { variant }) },
  }));
  const file = join(job.home, 'list.yaml');
  const tags = others.map((reference) => reference.slice(job.repository.length + 1));
  writeFileSync(file, JSON.stringify({ image, tags, manifests }));
  return file;
}

function buildah(job: Job): Command[] {
  const storage = [
    '--storage-driver',
    'vfs',
    '--root',
    join(job.home, 'storage'),
    '--runroot',
    join(job.home, 'run'),
  ];
  const run = (...words: string[]): Command => ({ program: 'buildah', arguments: [...storage, ...words] });
  return [
    run('manifest', 'create', 'list'),
    ...sources(job).map((source) =>
      run('manifest', 'add', ...ifPlain(job, '--tls-verify=false'), 'list', `docker://${source}`),
    ),
    ...references(job, job.tags).map((list) =>
      run('manifest', 'push', '--all', ...ifPlain(job, '--tls-verify=false'), 'list', `docker://${list}`),
    ),
  ];
}

/** Returns the command of buildx, a program or a plugin of docker; undefined if neither is installed. */
function buildx(): readonly [program: string, ...words: string[]] | undefined {
  if (findProgram('docker-buildx') !== undefined) return ['docker-buildx'];
  const found = spawnSync('docker', ['buildx', 'version'], { stdio: 'ignore' }).status === 0;
  return found ? ['docker', 'buildx'] : undefined;
}

/** The other tools that publish lists; skopeo only copies them. */
export const peers: readonly Tool[] = [
  { name: 'docker manifest create, push', missing: onPath('docker'), commands: (job) => dockerManifest(job) },
  {
    name: 'docker manifest create, annotate, push, inspect',
    missing: onPath('docker'),
    commands: (job) =>
      dockerManifest(job, {
        beforePush: (list) => annotations(job, list),
        afterPush: (list) => [['inspect', ...ifPlain(job, '--insecure'), list]],
      }),
  },
  {
    name: 'docker buildx imagetools create',
    missing: () => (buildx() ? undefined : 'docker buildx is not installed'),
    commands: (job, [program, ...words] = buildx() ?? ['docker-buildx']) => [
      {
        program,
        arguments: [
          ...[...words, 'imagetools', 'create'],
          ...references(job, job.tags).flatMap((list) => ['--tag', list]),
          ...sources(job),
        ],
      },
    ],
  },
  {
    name: 'crane index append',
    missing: onPath('crane'),
    commands: (job) =>
      references(job, job.tags).map((list) => ({
        program: 'crane',
        arguments: [
          'index',
          'append',
          ...ifPlain(job, '--insecure'),
          ...sources(job).flatMap((source) => ['-m', source]),
          '-t',
          list,
        ],
      })),
  },
  {
    name: 'regctl index create',
    missing: onPath('regctl'),
    prepare: (job) =>
      job.scheme === 'http'
        ? [{ program: 'regctl', arguments: ['registry', 'set', '--tls', 'disabled', job.host] }]
        : [],
    commands: (job) =>
      references(job, job.tags).map((list) => ({
        program: 'regctl',
        arguments: ['index', 'create', list, ...sources(job).flatMap((source) => ['--ref', source])],
      })),
  },
  {
    name: 'oras manifest index create',
    missing: onPath('oras'),
    commands: (job) => [
      {
        program: 'oras',
        arguments: [
          ...['manifest', 'index', 'create', ...ifPlain(job, '--plain-http')],
          ...[`${job.repository}:${job.tags.join(',')}`],
          ...job.images.map((image) => image.tag),
        ],
      },
    ],
  },
  {
    name: 'manifest-tool push from-spec',
    missing: onPath('manifest-tool'),
    commands: (job) => [
      {
        program: 'manifest-tool',
        arguments: [...ifPlain(job, '--plain-http'), 'push', 'from-spec', manifestToolSpecification(job)],
      },
    ],
  },
  { name: 'buildah manifest add, push', missing: onPath('buildah'), commands: buildah },
];
