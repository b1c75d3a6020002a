/** The runner as a step in process sees it: the same workflow commands and files that @actions/core writes. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { EOL } from 'node:os';
import { delimiter } from 'node:path';
import type { Runner } from '../../../src/runner/runner.ts';

export class InProcessRunner implements Runner {
  readonly environment: Record<string, string | undefined>;
  readonly home: string;
  readonly directory: string;
  stdout = '';
  readonly #cancelled = Promise.withResolvers<void>();
  #announce: (() => void | Promise<void>) | undefined;
  exitCode = 0;

  constructor(environment: Readonly<Record<string, string | undefined>>, home: string, directory: string) {
    this.environment = { ...environment };
    this.home = home;
    this.directory = directory;
  }

  get isDebug(): boolean {
    return this.environment['RUNNER_DEBUG'] === '1';
  }

  input(name: string): string {
    return this.environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '';
  }

  output(name: string, value: string): void {
    const mark = `ghadelimiter_${randomUUID()}`;
    if (this.#file('OUTPUT', `${name}<<${mark}${EOL}${value}${EOL}${mark}`)) return;
    this.#write('');
    this.#command('set-output', value, ` name=${escaped(name)}`);
  }

  addPath(directory: string): void {
    if (!this.#file('PATH', directory)) this.#command('add-path', directory);
    this.environment['PATH'] = `${directory}${delimiter}${this.environment['PATH']}`;
  }

  mask(text: string): void {
    this.#command('add-mask', text);
  }

  debug(text: string): void {
    this.#command('debug', text);
  }

  info(text: string): void {
    this.#write(text);
  }

  warning(text: string): void {
    this.#command('warning', text);
  }

  startGroup(heading: string): void {
    this.#command('group', heading);
  }

  endGroup(): void {
    this.#command('endgroup', '');
  }

  fail(text: string, title: string): void {
    this.exitCode = 1;
    this.#command('error', text, ` title=${escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}`);
  }

  onCancel(announce: () => void | Promise<void>): void {
    this.#announce = announce;
  }

  /** Resolves when the job was cancelled and has announced it: a process would end there. */
  get cancelled(): Promise<void> {
    return this.#cancelled.promise;
  }

  /** Cancels the job, as SIGINT does. */
  cancel(): void {
    void (async () => this.#announce?.())().then(() => {
      this.exitCode = 130;
      this.#cancelled.resolve();
    }, this.#cancelled.reject);
  }

  /** Writes to one of the runner's files; false when the environment names none. Throws when it is missing. */
  #file(name: string, text: string): boolean {
    const path = this.environment[`GITHUB_${name}`] ?? '';
    if (path === '') return false;
    if (!existsSync(path)) throw new Error(`Missing file at path: ${path}`);
    appendFileSync(path, text + EOL);
    return true;
  }

  #command(name: string, text: string, properties = ''): void {
    this.#write(`::${name}${properties}::${escaped(text)}`);
  }

  #write(line: string): void {
    this.stdout += line + EOL;
  }
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
