import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostLimiters, limited as limitedBy } from '../../../src/http/host-limiter.ts';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { type RetriedRequest, retried, standardRetries } from '../../../src/http/retry.ts';
import { NetworkError, RegistryError } from '../../../src/run/errors.ts';
import { answer, FakeClock, outcomeOf, request, script } from '../../support/rigs/wire-rig.ts';

type Step = HttpResponse | Error;

function run(steps: readonly Step[], more: Partial<HttpRequest & RetriedRequest> = {}) {
  const clock = new FakeClock();
  const send = script(...steps);
  const result = retried(send, standardRetries, clock)(request(undefined, more));
  return { clock, send, result };
}

async function seen({ result, send, clock }: ReturnType<typeof run>) {
  const outcome = await outcomeOf(result);
  return {
    outcome: 'status' in outcome ? outcome.status : outcome.code,
    requests: send.requests.length,
    slept: clock.slept,
  };
}

const ok = answer(200);
const broken = new NetworkError('CONNECTION', 'registry.example closed the connection');
const network = (code: string) => new NetworkError(code, `registry.example: ${code}`);
const limited = (headers: Record<string, string>, body = '') => answer(429, { headers, body });
const atTen = { 'retry-after': 'Tue, 14 Nov 2023 22:13:30 GMT' };

const temporary: readonly {
  name: string;
  in: readonly Step[];
  out: { outcome: unknown; requests: number };
}[] = [
  ...[200, 201, 202, 204, 301, 307, 400, 401, 403, 404, 405, 409, 412, 413, 416, 422, 501, 505, 507, 526].map(
    (status) => ({
      name: `${status} is an answer`,
      in: [answer(status)],
      out: { outcome: status, requests: 1 },
    }),
  ),
  ...[408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530].map((status) => ({
    name: `${status} is tried again`,
    in: [answer(status), ok],
    out: { outcome: 200, requests: 2 },
  })),
  ...['CONNECTION', 'TIMEOUT', 'DNS'].map((code) => ({
    name: `${code} is tried again`,
    in: [network(code), ok],
    out: { outcome: 200, requests: 2 },
  })),
  ...['TLS', 'PROXY', 'PROTOCOL', 'REDIRECT', 'TOO_LARGE', 'NOT_A_REGISTRY', 'TOKEN_SERVER'].map((code) => ({
    name: `${code} is not tried again`,
    in: [network(code), ok],
    out: { outcome: code, requests: 1 },
  })),
  {
    name: 'three failures in a row are survived',
    in: [answer(503), broken, answer(500, { body: '<html>' }), ok],
    out: { outcome: 200, requests: 4 },
  },
  { name: 'six tries in all, then the last answer', in: [answer(502)], out: { outcome: 502, requests: 6 } },
  {
    name: 'six tries in all, then the last error',
    in: [broken],
    out: { outcome: 'CONNECTION', requests: 6 },
  },
  {
    name: 'a host that never answers is tried three times',
    in: [network('TIMEOUT')],
    out: { outcome: 'TIMEOUT', requests: 3 },
  },
  {
    name: 'a 403 that is a secondary rate limit is tried again',
    in: [answer(403, { body: 'You have exceeded a secondary rate limit.' }), ok],
    out: { outcome: 200, requests: 2 },
  },
  {
    name: 'a 403 with a rate limit in the registry’s own error document is tried again',
    in: [answer(403, { body: '{"errors":[{"code":"DENIED","message":"secondary rate limit"}]}' }), ok],
    out: { outcome: 200, requests: 2 },
  },
];

for (const { name, in: steps, out } of temporary) {
  test(`retry: ${name}`, async () => {
    const { outcome, requests } = await seen(run(steps));
    assert.deepEqual({ outcome, requests }, out);
  });
}

test('retry: any other error than a NetworkError is thrown at once', async () => {
  const { result, send } = run([new RangeError('a bug'), ok]);
  await assert.rejects(result, RangeError);
  assert.equal(send.requests.length, 1);
});

const waits: readonly { name: string; in: readonly Step[]; out: readonly number[] }[] = [
  { name: 'at least half of a doubling backoff is waited', in: [broken], out: [125, 250, 500, 1000, 2000] },
  { name: 'a bare 429 waits for the backoff', in: [limited({}), ok], out: [125] },
  { name: 'seconds', in: [limited({ 'retry-after': '7' }), ok], out: [7000] },
  { name: 'seconds with white space', in: [limited({ 'retry-after': ' 7 ' }), ok], out: [7000] },
  { name: 'parts of a second', in: [limited({ 'retry-after': '1.5' }), ok], out: [1500] },
  { name: 'zero seconds still wait for the backoff', in: [limited({ 'retry-after': '0' }), ok], out: [125] },
  { name: 'a date', in: [limited(atTen), ok], out: [10_000] },
  {
    name: 'a date in the past waits for the backoff',
    in: [limited({ 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }), ok],
    out: [125],
  },
  { name: 'invalid text waits for the backoff', in: [limited({ 'retry-after': 'soon' }), ok], out: [125] },
  { name: 'exactly a minute is waited', in: [limited({ 'retry-after': '60' }), ok], out: [60_000] },
  { name: '503 with seconds', in: [answer(503, { headers: { 'retry-after': '3' } }), ok], out: [3000] },
  {
    name: 'GHCR’s milliseconds in the body',
    in: [
      limited(
        {},
        '{"errors":[{"code":"TOOMANYREQUESTS","message":"retry-after: 512.5ms, allowed: 44000/minute"}]}',
      ),
      ok,
    ],
    out: [512.5],
  },
  { name: 'GHCR’s minutes in the body', in: [limited({}, 'retry-after: 0m30s'), ok], out: [30_000] },
  {
    name: 'a shorter wait in the body waits for the backoff',
    in: [limited({}, 'retry-after: 46.337µs'), ok],
    out: [125],
  },
  {
    name: 'a secondary rate limit with seconds',
    in: [answer(403, { headers: { 'retry-after': '5' }, body: 'secondary rate limit' }), ok],
    out: [5000],
  },
];

for (const { name, in: steps, out } of waits) {
  test(`retry wait: ${name}`, async () => {
    assert.deepEqual((await seen(run(steps))).slept, out);
  });
}

const tooLong: readonly { name: string; in: HttpResponse; out: string }[] = [
  { name: 'an hour in seconds', in: limited({ 'retry-after': '3600' }), out: 'RATE_LIMITED' },
  { name: 'a minute and a second', in: limited({ 'retry-after': '61' }), out: 'RATE_LIMITED' },
  { name: 'more seconds than a day has', in: limited({ 'retry-after': '99999999999' }), out: 'RATE_LIMITED' },
  {
    name: 'a date a year away',
    in: limited({ 'retry-after': 'Wed, 13 Nov 2024 22:13:20 GMT' }),
    out: 'RATE_LIMITED',
  },
  { name: 'a minute and a half in the body', in: limited({}, 'retry-after: 1m30s'), out: 'RATE_LIMITED' },
  {
    name: 'an hour of maintenance',
    in: answer(503, { headers: { 'retry-after': '3600' } }),
    out: 'UNAVAILABLE',
  },
];

for (const { name, in: step, out } of tooLong) {
  test(`retry: ${name} fails at once with the time to wait`, async () => {
    const attempt = run([step, ok]);
    await assert.rejects(attempt.result, (error) => {
      assert(error instanceof RegistryError);
      assert.equal(error.code, out);
      assert.match(error.message, /registry\.example refuses requests for the next \d+ minutes/);
      assert.notEqual(error.hint, undefined);
      return true;
    });
    assert.deepEqual([attempt.send.requests.length, attempt.clock.slept], [1, []]);
  });
}

test('retry: jitter lies between half of the backoff and the whole, ten seconds at most', async () => {
  for (const random of [0, 0.5, 0.999_999]) {
    const clock = new FakeClock();
    clock.random = () => random;
    await retried(script(answer(500)), { ...standardRetries, maxAttempts: 12 }, clock)(request());
    clock.slept.forEach((wait, at) => {
      const max = Math.min(10_000, 250 * 2 ** at);
      assert(wait >= max / 2 && wait <= max, `${wait} of ${max}`);
    });
    assert.equal(clock.slept.length, 11);
  }
});

test('retry: no attempt begins after the deadline', async () => {
  const { result, clock, send } = run([limited({ 'retry-after': '50' })]);
  assert.equal((await result).status, 429);
  assert.deepEqual([clock.slept, send.requests.length], [[50_000, 50_000], 3]);
});

test('retry: the deadline includes the time of the attempts', async () => {
  const clock = new FakeClock();
  let attempts = 0;
  const send = async () => {
    attempts += 1;
    clock.time += 50_000;
    return answer(500);
  };
  await retried(send, standardRetries, clock)(request());
  assert.equal(attempts, 3);
});

test('retry: the wait of a request and the pause of its host pass at the same time', async () => {
  const clock = new FakeClock();
  const host = limitedBy(script(limited({ 'retry-after': '20' }), ok), new HostLimiters(clock));
  assert.equal(await retried(host, standardRetries, clock)(request()), ok);
  assert.deepEqual(clock.slept, [20_000]);
});

test('retry: the message counts the attempts and keeps hint and cause', async () => {
  const cause = new Error('ECONNREFUSED');
  const first = new NetworkError('CONNECTION', 'x closed the connection', { hint: 'Look.', cause });
  await assert.rejects(run([first]).result, {
    code: 'CONNECTION',
    message: 'x closed the connection, tried 6 times',
    hint: 'Look.',
    cause,
  });
});

test('retry: the error of a request with one try is thrown unchanged', async () => {
  const { result, clock } = run([broken], { method: 'PUT', tries: 'one' });
  await assert.rejects(result, (error) => error === broken);
  assert.deepEqual(clock.slept, []);
});

test('retry: the standard policy tries six times within two minutes', () => {
  assert.deepEqual(standardRetries, {
    maxAttempts: 6,
    maxSilentAttempts: 3,
    basePause: 250,
    maxPause: 10_000,
    deadline: 120_000,
  });
});

const put = (steps: readonly Step[], alreadyApplied: RetriedRequest['alreadyApplied']) =>
  run(steps, { method: 'PUT', alreadyApplied });

test('already applied: a write that took effect is not repeated', async () => {
  const already = answer(201);
  const { result, send } = put([broken, answer(500)], async () => already);
  assert.equal(await result, already);
  assert.equal(send.requests.length, 1);
});

test('already applied: is asked before each further attempt, never before the first', async () => {
  const order: string[] = [];
  const send = async () => {
    order.push('put');
    return order.length < 5 ? answer(503) : answer(201);
  };
  const alreadyApplied = async () => {
    order.push('look');
    return undefined;
  };
  await retried(send, standardRetries, new FakeClock())({ method: 'PUT', alreadyApplied });
  assert.deepEqual(order, ['put', 'look', 'put', 'look', 'put']);
});

test('already applied: is not asked after an answer, or when no attempt is left', async () => {
  let asked = 0;
  const look = async () => {
    asked += 1;
    return undefined;
  };
  await put([answer(400)], look).result;
  assert.equal(asked, 0);
  await put([answer(500)], look).result;
  assert.equal(asked, 5);
});
