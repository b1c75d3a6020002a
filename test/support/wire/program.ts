/** A server program run as a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

const startLimit = 15_000;
const logLimit = 256 * 1024;

/** Ends the program when standard input ends: when it is told to, and also when nobody is left to tell it. */
const guarded = `
  exec 3<&0
  "$0" "$@" 3<&- &
  program=$!
  { read -r _ <&3; kill "$program"; } &
  guard=$!
  wait "$program"
  kill "$guard"
`;

/** A running program and what it has printed, the last part of it when that is long. */
export class Program {
  log = '';
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<unknown>;

  constructor(name: string, file: string, args: readonly string[]) {
    this.#name = name;
    this.#child = spawn('sh', ['-c', guarded, file, ...args]);
    this.#exited = once(this.#child, 'exit').catch((error: unknown) => error);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.log = (this.log + chunk.toString()).slice(-logLimit);
        this.#child.emit('logged');
      });
  }

  /** Resolves to the match when the program has printed this; throws, with what it printed, when it ends before. */
  async printed(text: RegExp): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(startLimit);
    const ended = this.#exited.then(() => Promise.reject(new Error('the process ended')));
    try {
      for (;;) {
        const match = text.exec(this.log);
        if (match) return match;
        await Promise.race([once(this.#child, 'logged', { signal }), ended]);
      }
    } catch (cause) {
      await this.stop();
      throw new Error(`${this.#name} did not say ${text}:\n${this.log}`, { cause });
    }
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
  }
}
