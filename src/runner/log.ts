import type { Observer } from '../run/observer.ts';
import type { Runner } from './runner.ts';
import { sanitizeLine } from './sanitize.ts';

/** The runner keeps this many annotations of one kind per step; further warnings are plain lines of the log. */
const maxAnnotations = 10;

/** The variables of inputs and of the job that hold no credentials. */
const openVariable = /^(?!INPUT_(REGISTRY-AUTH|GITHUB-TOKEN)$|GITHUB_TOKEN$)(INPUT|GITHUB|RUNNER)_/;

/** Digests, media types and platforms, whole or begun. */
const openForm =
  /^(sha\d+:[0-9a-f]*|[0-9a-f]{64}|(application|text)\/\S*|(linux|windows|darwin|freebsd|unknown)\/\S*)$/;

/** The runner's log: the messages of all layers, sanitized, masked and grouped by stage. */
export class RunnerLog implements Observer {
  readonly #runner: Runner;
  readonly #warnings: string[] = [];
  readonly #masked = new Set<string>();
  /** The masked texts, longest first: one may contain another. */
  #secrets: readonly string[] = [];
  #group: { readonly heading: string; readonly state: 'open' | 'closed' } | undefined;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  /** The warnings so far, for the summary. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  get secrets(): readonly string[] {
    return this.#secrets;
  }

  debug(text: string): void {
    if (this.#runner.isDebug) this.#runner.debug(this.#safe(text));
  }

  info(text: string): void {
    this.#openGroup();
    this.#runner.info(this.#safe(text));
  }

  /** Writes a warning once, and between groups: users do not open the log groups of a step that passed. */
  warning(text: string): void {
    const shown = this.withoutSecrets(text);
    if (this.#warnings.includes(shown)) return;
    this.#closeGroup();
    this.#warnings.push(shown);
    if (this.#warnings.length <= maxAnnotations) this.#runner.warning(this.#safe(text));
    else this.#runner.info(`Warning: ${this.#safe(text)}`);
  }

  secret(value: string, chosenBy?: 'server'): void {
    if (chosenBy === 'server' && this.#isOpen(value)) return;
    // The runner masks line by line. Servers often repeat base64 without its padding, or with the padding escaped.
    const lines = value.split(/\r?\n/).flatMap((line) => [line, line.replace(/={1,2}$/, '')]);
    for (const line of lines) {
      if (line.trim() === '' || this.#masked.has(line)) continue;
      this.#masked.add(line);
      this.#secrets = [...this.#secrets, line].toSorted((a, b) => b.length - a.length);
      this.#runner.mask(line);
    }
  }

  // The runner drops job outputs that contain a mask: a server must not choose which.
  #isOpen(value: string): boolean {
    if (openForm.test(value)) return true;
    const { environment } = this.#runner;
    return Object.entries(environment).some(
      ([name, text]) => openVariable.test(name) && (text ?? '').includes(value),
    );
  }

  /** Runs one stage with its lines folded under a heading; a stage that logs nothing has no heading. */
  async group<T>(heading: string, stage: () => Promise<T>): Promise<T> {
    this.#group = { heading, state: 'closed' };
    try {
      return await stage();
    } finally {
      this.#closeGroup();
      this.#group = undefined;
    }
  }

  #openGroup(): void {
    if (this.#group?.state !== 'closed') return;
    this.#runner.startGroup(this.#safe(this.#group.heading));
    this.#group = { ...this.#group, state: 'open' };
  }

  #closeGroup(): void {
    if (this.#group?.state !== 'open') return;
    this.#runner.endGroup();
    this.#group = { ...this.#group, state: 'closed' };
  }

  /** Makes the step fail: an annotation with a title and lines of text. */
  failed(title: string, text: string): void {
    this.#closeGroup();
    this.#runner.fail(this.#safe(text), title);
  }

  #safe(text: string): string {
    return this.withoutSecrets(text).split('\n').map(sanitizeLine).join('\n');
  }

  /**
   * A text in which every masked text is `***`, for files that the runner does not mask, and before sanitizing: the
   * runner's own mask does not match a secret with an escape in it.
   */
  withoutSecrets(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  }
}
