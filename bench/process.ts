/** Runs a program and measures its time and memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ProcessFigures {
  /** Milliseconds, the start of the process included. */
  readonly wall: number;
  /** Milliseconds of processor time, user and system, in steps of ten; 0 without /proc. */
  readonly processor: number;
  /** Peak resident memory, bytes; 0 without /proc. */
  readonly memory: number;
}

const processLimit = 300_000;
const sampleInterval = 10;
/** USER_HZ is 100 on every Linux that Node supports. */
const tick = 10;

/** Runs a program with PATH and this environment only. Throws an error with its output if its exit code is not 0. */
export async function runProcess(
  { program, arguments: words, environment: own }: Command,
  environment: Readonly<Record<string, string>> = {},
): Promise<ProcessFigures> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment, ...own };
  const start = performance.now();
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: processLimit });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  const sampled = sample(child);
  const [code] = (await once(child, 'close')) as [number | null];
  const wall = performance.now() - start;
  if (code === 0) return { wall, ...(await sampled) };
  throw new Error(`${program} ${words.slice(0, 3).join(' ')} ended with ${code}:\n${printed.trim()}`);
}

/** The last figures of /proc; both only grow. */
async function sample(child: ChildProcess): Promise<Omit<ProcessFigures, 'wall'>> {
  let [processor, memory] = [0, 0];
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const [status, stat] = await Promise.all(['status', 'stat'].map((name) => read(child.pid, name)));
    memory = Number(/^VmHWM:\s*(\d+) kB$/m.exec(status ?? '')?.[1] ?? memory / 1024) * 1024;
    processor = processorTime(stat ?? '') ?? processor;
    await setTimeout(sampleInterval);
  }
  return { processor, memory };
}

function read(pid: number | undefined, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
}

/** utime and stime, fields 14 and 15 (proc_pid_stat(5)); the second field may hold spaces. */
function processorTime(stat: string): number | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? undefined : ticks * tick;
}
