import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostLimiters, limited } from '../../../src/http/host-limiter.ts';
import type { HttpResponse, Method } from '../../../src/http/message.ts';
import { withRetries } from '../../../src/http/retry.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { answer, FakeClock, policyOn, request, script } from '../../support/rigs/wire-rig.ts';

type Step = HttpResponse | Error;

function run(
  steps: readonly Step[],
  method: Method = 'GET',
  settled?: () => Promise<HttpResponse | undefined>,
) {
  const clock = new FakeClock();
  const send = script(...steps);
  const paces = new HostLimiters(clock);
  const attempt = () => send(request(undefined, { method }));
  const result = withRetries(policyOn(clock), paces, { attempt, method, alreadyApplied: settled });
  return { clock, send, paces, result };
}

const ok = answer(200);
const broken = new NetworkError('CONNECTION', 'registry.example broke the connection');
const tooMany = (headers: Record<string, string>, body = '') => answer(429, { headers, body });

test('settled: what took effect is not written again', async () => {
  const already = answer(201);
  const { result, send } = run([broken, answer(500)], 'PUT', async () => already);
  assert.equal(await result, already);
  assert.equal(send.requests.length, 1);
});

test('settled: is asked before each further try, and never before the first', async () => {
  const order: string[] = [];
  const clock = new FakeClock();
  const attempt = async () => {
    order.push('put');
    return order.length < 5 ? answer(503) : answer(201);
  };
  const settled = async () => {
    order.push('look');
    return undefined;
  };
  await withRetries(policyOn(clock), new HostLimiters(clock), {
    attempt,
    alreadyApplied: settled,
    method: 'PUT',
  });
  assert.deepEqual(order, ['put', 'look', 'put', 'look', 'put']);
});

test('settled: is not asked after an answer, or when no try is left', async () => {
  let asked = 0;
  const look = async () => {
    asked += 1;
    return undefined;
  };
  await run([answer(400)], 'PUT', look).result;
  assert.equal(asked, 0);
  await run([answer(500)], 'PUT', look).result;
  assert.equal(asked, 5);
});

test('pace: a rate limit pauses every request to the host, and none to others', async () => {
  const clock = new FakeClock();
  const paces = new HostLimiters(clock);
  const started: [string, number][] = [];
  const wire = limited(async ({ url }) => {
    started.push([url.host, clock.time]);
    const isFirst = started.filter(([host]) => host === url.host).length === 1;
    return isFirst && url.host === 'a.example'
      ? answer(429, { headers: { 'retry-after': '20' }, url: url.href })
      : ok;
  }, paces);
  const zero = clock.time;
  const ask = (host: string) =>
    withRetries(policyOn(clock), paces, { attempt: () => wire(request(`https://${host}/`)), method: 'GET' });
  await ask('a.example');
  assert.deepEqual(started, [
    ['a.example', zero],
    ['a.example', zero + 20_000],
  ]);
  paces.of(new URL('https://a.example/')).pause(5000);
  await ask('b.example');
  await ask('a.example');
  assert.deepEqual(started.slice(2), [
    ['b.example', zero + 20_000],
    ['a.example', zero + 25_000],
  ]);
});

test('pace: after a 429 a queue of requests does not hammer the host', async () => {
  const clock = new FakeClock();
  const paces = new HostLimiters({ now: clock.now, sleep: () => new Promise(() => undefined) });
  const replies: ((response: HttpResponse) => void)[] = [];
  const wire = limited(() => new Promise((reply) => replies.push(reply)), paces);
  const all = Array.from({ length: 300 }, () => wire(request()));
  for (const each of all) each.catch(() => undefined);
  await settle();
  assert.equal(replies.length, 32);
  for (const reply of replies.slice(0, 32)) reply(tooMany({ 'retry-after': '9' }));
  await settle();
  assert.equal(replies.length, 32, 'no request took the place of a refused one');
});

test('pace: a bare 429 pauses the host a little, too', async () => {
  const clock = new FakeClock();
  const sleeps: number[] = [];
  const paces = new HostLimiters({
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
  }, paces);
  await wire(request());
  wire(request()).catch(() => undefined);
  await settle();
  assert.deepEqual([sent, sleeps], [1, [250]]);
});

test('pace: whom a host sends away for an hour does not hold back the others for so long', async () => {
  const clock = new FakeClock();
  const paces = new HostLimiters(clock);
  const wire = limited(script(tooMany({ 'retry-after': '3600' }), ok), paces);
  await wire(request());
  await wire(request());
  assert.deepEqual(clock.slept, [250]);
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
}
