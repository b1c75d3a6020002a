import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { answering } from '../../../src/http/silent-host.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { answer, FakeClock, outcomeOf, request } from '../../support/rigs/wire-rig.ts';

/** Milliseconds of silence, an answer, the same in a stream, or another failure. */
type Step = number | 'answer' | 'stream' | { readonly streamed: number } | 'reset';

type Case = readonly [
  name: string,
  /** Each round is sent together. */
  rounds: readonly (readonly Step[])[],
  /** How many of the requests were sent. */
  sent: number,
];

const timeout = () => new NetworkError('TIMEOUT', 'registry.example did not answer in time');

/** Sends the rounds, and reads every stream; gives the number of requests that were sent. */
async function sentOf(rounds: Case[1], urlOf: (at: number) => string): Promise<number> {
  const clock = new FakeClock();
  const steps = rounds.flat();
  let sent = 0;
  async function* streamed(silence: number): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x');
    clock.time += silence;
    if (silence > 0) throw timeout();
  }
  const send = answering(async ({ url }: HttpRequest): Promise<HttpResponse> => {
    sent += 1;
    const step = steps[Number(url.searchParams.get('at'))] ?? 'answer';
    await new Promise((turn) => setImmediate(turn));
    if (step === 'answer') return answer(500);
    if (step === 'stream') return { ...answer(200), stream: streamed(0) };
    if (step === 'reset') throw new NetworkError('CONNECTION', 'reset');
    if (typeof step !== 'number') return { ...answer(200), stream: streamed(step.streamed) };
    clock.time += step;
    throw timeout();
  }, clock);
  let at = 0;
  const readAll = async (url: string): Promise<void> => {
    const { stream } = await send(request(url));
    for await (const _ of stream ?? []);
  };
  for (const round of rounds)
    await Promise.all(round.map(() => outcomeOf(readAll(`${urlOf(at)}?at=${at++}`))));
  return sent;
}

const host = () => 'https://registry.example/v2/';

const table: readonly Case[] = [
  ['three rounds without an answer', [[30], [30], [30], [30]], 3],
  ['requests that wait together are one round', [[30, 30, 30, 30], [30], [30], [30]], 6],
  ['an answer ends the silence', [[30], [30], ['answer'], [30], [30], [30], [30]], 6],
  ['a stream that is read to its end is an answer', [[30], [30], ['stream'], [30], [30], [30], [30]], 6],
  ['a stream that stops counts as silence', [[30], [{ streamed: 30 }], [30], [30]], 3],
  ['100 seconds without an answer', [[60_000], [40_000], [30]], 2],
  ['other failures are no silence', [['reset'], ['reset'], ['reset'], ['reset']], 4],
];

for (const [name, rounds, sent] of table) {
  test(`silent host: ${name}`, async () => assert.equal(await sentOf(rounds, host), sent));
}

test('silent host: other hosts are still asked, and both schemes are one host', async () => {
  const rounds = [[30], [30], [30], [30]];
  assert.equal(await sentOf(rounds, (at) => `https://${at}.example/`), 4);
  assert.equal(await sentOf(rounds, (at) => `${at % 2 === 0 ? 'http' : 'https'}://registry.example/`), 3);
});
