/** Describes the machine and the programs of a measurement. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { findProgram } from '../test/support/wire/programs.ts';

const versionCommands: readonly (readonly [program: string, ...words: string[]])[] = [
  ['docker-registry', '--version'],
  ['nghttpx', '--version'],
  ['docker', '--version'],
  ['docker-buildx', 'version'],
  ['oras', 'version'],
  ['crane', 'version'],
  ['regctl', 'version', '--format', '{{.VCSTag}}'],
  ['manifest-tool', '--version'],
  ['buildah', '--version'],
  ['skopeo', '--version'],
];

/** Names the machine, and the versions of Node and of every measured program on PATH. */
export function describeMachine(): readonly string[] {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const processor = cpus()[0]?.model ?? 'unknown processor';
  const machine = `${availableParallelism()} × ${processor}, ${gibibytes} GiB, ${type()} ${release()}`;
  const versions = versionCommands.flatMap(([program, ...words]) => versionOf(program, words) ?? []);
  return [`Machine: ${machine}`, `Versions: ${[`Node ${process.version}`, ...versions].join(', ')}`];
}

/** Returns `oras 1.3.3`: the program's name and the first word of its output that looks like a version. */
function versionOf(program: string, words: readonly string[]): string | undefined {
  if (findProgram(program) === undefined) return undefined;
  const { stdout } = spawnSync(program, words, { encoding: 'utf8', timeout: 10_000 });
  return `${program} ${/\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? '(version unknown)'}`;
}
