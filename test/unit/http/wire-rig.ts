/** Answers, hosts and clocks that are plain values, for tests of the client's layers. */
import assert from 'node:assert/strict';
import type { HttpRequest, HttpResponse, Send } from '../../../src/http/message.ts';
import type { Clock } from '../../../src/run/clock.ts';
import type { ActionError } from '../../../src/run/errors.ts';
import type { Observer } from '../../../src/run/observer.ts';

export interface AnswerParts {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly url?: string;
}

/** An answer as the transport hands it on. */
export function answer(status: number, parts: AnswerParts = {}): HttpResponse {
  const { headers = {}, body = '', url = 'https://registry.example/v2/' } = parts;
  return {
    status,
    url: new URL(url),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
    body: Buffer.from(body),
  };
}

export function request(url = 'https://registry.example/v2/', more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: new URL(url), headers: {}, maxBodyBytes: 1000, ...more };
}

/** Time that passes only while a sleep lasts; `random` is 0, so that half of each backoff is waited. */
export class FakeClock implements Clock {
  time = 1_700_000_000_000;
  /** Every sleep, in milliseconds. */
  readonly slept: number[] = [];
  random: () => number = () => 0;
  readonly now = (): number => this.time;
  readonly sleep = async (milliseconds: number): Promise<void> => {
    this.slept.push(milliseconds);
    this.time += milliseconds;
  };
}

/** A host that gives these answers, or throws these errors, one after the other, and then repeats the last one. */
export function script(
  ...steps: readonly (HttpResponse | Error)[]
): Send & { readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const send: Send = async (sent) => {
    const step = steps[Math.min(requests.length, steps.length - 1)];
    requests.push(sent);
    assert(step !== undefined, 'the script is empty');
    if (step instanceof Error) throw step;
    return step;
  };
  return Object.assign(send, { requests });
}

/** An observer that keeps all messages. */
export class Told implements Observer {
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  readonly secrets: string[] = [];
  debug(): void {}
  info(text: string): void {
    this.infos.push(text);
  }
  warning(text: string): void {
    this.warnings.push(text);
  }
  secret(value: string): void {
    this.secrets.push(value);
  }
}

/** The outcome of a promise, in a form for tables: its value, or `{class, code}` of an ActionError. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<T | { class: string; code: string }> {
  try {
    return await promise;
  } catch (error) {
    const { name, code } = error as ActionError;
    if (code === undefined) throw error;
    return { class: name, code };
  }
}
