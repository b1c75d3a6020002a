import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostLimiters, limited } from '../../../src/http/host-limiter.ts';
import type { HttpResponse } from '../../../src/http/message.ts';
import { type RetriedRequest, retried, standardRetries } from '../../../src/http/retry.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { answer, FakeClock, request, script } from './wire-rig.ts';

function run(steps: readonly (HttpResponse | Error)[], alreadyApplied: RetriedRequest['alreadyApplied']) {
  const send = script(...steps);
  const put = { ...request(undefined, { method: 'PUT' }), alreadyApplied };
  return { send, result: retried(send, standardRetries, new FakeClock())(put) };
}

const ok = answer(200);
const broken = new NetworkError('CONNECTION', 'registry.example closed the connection');
const tooMany = (headers: Record<string, string>, body = '') => answer(429, { headers, body });

test('already applied: a write that took effect is not repeated', async () => {
  const already = answer(201);
  const { result, send } = run([broken, answer(500)], async () => already);
  assert.equal(await result, already);
  assert.equal(send.requests.length, 1);
});

test('already applied: is asked before each further attempt, never before the first', async () => {
  const order: string[] = [];
  const put = async () => {
    order.push('put');
    return order.length < 5 ? answer(503) : answer(201);
  };
  const alreadyApplied = async () => {
    order.push('look');
    return undefined;
  };
  await retried(put, standardRetries, new FakeClock())({ method: 'PUT', alreadyApplied });
  assert.deepEqual(order, ['put', 'look', 'put', 'look', 'put']);
});

test('already applied: is not asked after an answer, or when no attempt is left', async () => {
  let asked = 0;
  const look = async () => {
    asked += 1;
    return undefined;
  };
  await run([answer(400)], look).result;
  assert.equal(asked, 0);
  await run([answer(500)], look).result;
  assert.equal(asked, 5);
});

test('pause: a rate limit pauses every request to the host, and none to others', async () => {
  const clock = new FakeClock();
  const limiters = new HostLimiters(clock);
  const started: [string, number][] = [];
  const wire = limited(async ({ url }) => {
    started.push([url.host, clock.time]);
    const isFirst = started.filter(([host]) => host === url.host).length === 1;
    return isFirst && url.host === 'a.example'
      ? answer(429, { headers: { 'retry-after': '20' }, url: url.href })
      : ok;
  }, limiters);
  const zero = clock.time;
  const send = retried(wire, standardRetries, clock);
  const ask = (host: string) => send(request(`https://${host}/`));
  await ask('a.example');
  assert.deepEqual(started, [
    ['a.example', zero],
    ['a.example', zero + 20_000],
  ]);
  limiters.of(new URL('https://a.example/')).pause(5000);
  await ask('b.example');
  await ask('a.example');
  assert.deepEqual(started.slice(2), [
    ['b.example', zero + 20_000],
    ['a.example', zero + 25_000],
  ]);
});

test('pause: after a 429 a queue of requests does not hammer the host', async () => {
  const clock = new FakeClock();
  const limiters = new HostLimiters({ now: clock.now, sleep: () => new Promise(() => undefined) });
  const replies: ((response: HttpResponse) => void)[] = [];
  const wire = limited(() => new Promise((reply) => replies.push(reply)), limiters);
  const all = Array.from({ length: 300 }, () => wire(request()));
  for (const each of all) each.catch(() => undefined);
  await settle();
  assert.equal(replies.length, 32);
  for (const reply of replies.slice(0, 32)) reply(tooMany({ 'retry-after': '9' }));
  await settle();
  assert.equal(replies.length, 32, 'no request took the place of a refused one');
});

test('pause: a 429 without Retry-After pauses the host a little, too', async () => {
  const clock = new FakeClock();
  const sleeps: number[] = [];
  const limiters = new HostLimiters({
    now: clock.now,
    sleep: (milliseconds) => {
      sleeps.push(milliseconds);
      return new Promise(() => undefined);
    },
  });
  let sent = 0;
  const wire = limited(async () => {
    sent += 1;
    return tooMany({});
  }, limiters);
  await wire(request());
  wire(request()).catch(() => undefined);
  await settle();
  assert.deepEqual([sent, sleeps], [1, [250]]);
});

test('pause: a Retry-After of an hour does not stall other requests for so long', async () => {
  const clock = new FakeClock();
  const limiters = new HostLimiters(clock);
  const wire = limited(script(tooMany({ 'retry-after': '3600' }), ok), limiters);
  await wire(request());
  await wire(request());
  assert.deepEqual(clock.slept, [250]);
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
}
