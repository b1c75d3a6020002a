/** Runs the action as a runner does: a process with INPUT_ variables, files to write to, and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Ended, Start } from './step.ts';

const memoryInterval = 40;

/** Makes the clock of a process run so many times as fast, whatever its entry. */
const hurry = fileURLToPath(new URL('./hurry.mjs', import.meta.url));
const haste = 20;

/** Runs an entry to its end. */
export async function runProcess(start: Start, entry: string): Promise<Ended> {
  const { directory, environment, pace, limit } = start;
  const started = performance.now();
  const child = spawn(nodeProgram(), [...(pace === 'hurried' ? ['--import', hurry] : []), entry], {
    cwd: directory.workspace,
    env: { ...environment, ...(pace === 'hurried' && { TEST_HASTE: `${haste}` }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  start.onStart?.(child);
  start.cancel?.connect(() => child.kill('SIGINT'));
  const [end, stdout, stderr, peakRssBytes] = await Promise.all([
    endOf(child, limit),
    text(child.stdout),
    text(child.stderr),
    watchMemory(child),
  ]);
  return {
    ...end,
    stdout,
    stderr,
    peakRssBytes,
    durationMs: (performance.now() - started) * (pace === 'hurried' ? haste : 1),
  };
}

/** Node 24: the project's own when the tests run on another. */
export function nodeProgram(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const own = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  return existsSync(own) ? own : process.execPath;
}

type End = Pick<Ended, 'exitCode' | 'signal' | 'hung'>;

function endOf(child: ChildProcess, limit: number): Promise<End> {
  return new Promise((resolve, reject) => {
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, limit);
    const killAtExit = () => void child.kill('SIGKILL');
    process.once('exit', killAtExit);
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      process.off('exit', killAtExit);
      resolve({ exitCode, signal, hung });
    });
  });
}

/** The last high-water mark /proc showed before the process ended. */
async function watchMemory(child: ChildProcess): Promise<number | undefined> {
  let peak: number | undefined;
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
    if (kilobytes !== undefined) peak = Number(kilobytes) * 1024;
    else if (status === '') break;
    await new Promise((resolve) => setTimeout(resolve, memoryInterval));
  }
  return peak;
}
