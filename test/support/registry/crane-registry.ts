/** crane's registry as a process of its own: a real one that removes tags and keeps what they held. */
import { Program } from '../wire/program.ts';
import { findProgram } from '../wire/programs.ts';
import type { RegistryHandle } from './registry-handle.ts';

/** The reason to skip tests with crane, or false. Debian's stable release does not have it, so CI goes without it too. */
export const skipWithoutCrane: string | false =
  findProgram('crane') === undefined ? 'crane is not on PATH' : false;

/** Starts crane's registry, in memory, on a free port of 127.0.0.1. */
export async function startCraneRegistry(): Promise<RegistryHandle> {
  const program = new Program('crane', findProgram('crane') ?? 'crane', [
    'registry',
    'serve',
    '--address',
    '127.0.0.1:0',
  ]);
  const [, port = ''] = await program.printed(/serving on port (\d+)/);
  const host = `127.0.0.1:${port}`;
  return { host, url: `http://${host}`, close: () => program.stop() };
}
