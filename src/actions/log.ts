import * as core from '@actions/core';
import type { Observer } from '../run/observer.ts';
import { sanitizeLine } from './sanitize.ts';

/** Annotations of one kind that the runner keeps of a step; further ones only stand in the log. */
const maxAnnotations = 10;

/** The runner's log: what lower layers tell, made harmless and grouped. */
export class RunnerLog implements Observer {
  readonly #warnings: string[] = [];
  readonly #masked = new Set<string>();
  /** The same, the longest first. */
  #secrets: readonly string[] = [];
  #heading: string | undefined;

  /** Every warning so far, for the summary. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  debug(text: string): void {
    if (core.isDebug()) core.debug(this.#harmless(text));
  }

  info(text: string): void {
    this.#openGroup();
    core.info(this.#harmless(text));
  }

  warning(text: string): void {
    this.#openGroup();
    this.#warnings.push(this.#masking(text));
    if (this.#warnings.length <= maxAnnotations) core.warning(this.#harmless(text));
    else core.info(`Warning: ${this.#harmless(text)}`);
  }

  secret(value: string): void {
    // The runner masks line by line. Base64 is often said back without its padding, or with that escaped.
    const lines = value.split(/\r?\n/).flatMap((line) => [line, line.replace(/=+$/, '')]);
    for (const line of lines) {
      if (line.trim() === '' || this.#masked.has(line)) continue;
      this.#masked.add(line);
      this.#secrets = [...this.#secrets, line].toSorted((a, b) => b.length - a.length);
      core.setSecret(line);
    }
  }

  /** Runs one stage with its lines folded under a heading; a stage that says nothing gets none. */
  async group<T>(heading: string, stage: () => Promise<T>): Promise<T> {
    this.#heading = heading;
    try {
      return await stage();
    } finally {
      if (this.#heading === undefined) core.endGroup();
      this.#heading = undefined;
    }
  }

  #openGroup(): void {
    if (this.#heading === undefined) return;
    core.startGroup(this.#harmless(this.#heading));
    this.#heading = undefined;
  }

  /** Ends the step as failed: one headline, and what to do under it. */
  failed(headline: string, hint: string | undefined): void {
    core.setFailed(this.#harmless(hint === undefined ? headline : `${headline}\n${hint}`));
  }

  #harmless(text: string): string {
    return harmless(this.#masking(text));
  }

  // Before anything is made harmless: the runner's own mask would not know a secret with an escape in it.
  #masking(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
  }
}

function harmless(text: string): string {
  return text.split('\n').map(sanitizeLine).join('\n');
}
