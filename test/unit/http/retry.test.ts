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

const temporary: readonly (readonly [
  name: string,
  steps: readonly Step[],
  outcome: unknown,
  requests: number,
])[] = [
  ...[200, 201, 202, 204, 301, 307, 400, 401, 403, 404, 405, 409, 412, 413, 416, 422, 501, 505, 507, 526].map(
    (status) => [`${status} is an answer`, [answer(status)], status, 1] as const,
  ),
  ...[408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530].map(
    (status) => [`${status} is tried again`, [answer(status), ok], 200, 2] as const,
  ),
  ...['CONNECTION', 'TIMEOUT', 'DNS'].map(
    (code) => [`${code} is tried again`, [network(code), ok], 200, 2] as const,
  ),
  ...['TLS', 'PROXY', 'PROTOCOL', 'REDIRECT', 'TOO_LARGE', 'NOT_A_REGISTRY', 'TOKEN_SERVER'].map(
    (code) => [`${code} is not tried again`, [network(code), ok], code, 1] as const,
  ),
  [
    'three failures in a row are survived',
    [answer(503), broken, answer(500, { body: '<html>' }), ok],
    200,
    4,
  ],
  ['six tries in all, then the last answer', [answer(502)], 502, 6],
  ['six tries in all, then the last error', [broken], 'CONNECTION', 6],
  ['a host that never answers is tried three times', [network('TIMEOUT')], 'TIMEOUT', 3],
  [
    'a 403 that is a secondary rate limit is tried again',
    [answer(403, { body: 'You have exceeded a secondary rate limit.' }), ok],
    200,
    2,
  ],
  [
    'a 403 with a rate limit in the registry’s own error document is tried again',
    [answer(403, { body: '{"errors":[{"code":"DENIED","message":"secondary rate limit"}]}' }), ok],
    200,
    2,
  ],
];

for (const [name, steps, outcome, requests] of temporary) {
  test(`retry: ${name}`, async () => {
    const { slept: _, ...found } = await seen(run(steps));
    assert.deepEqual(found, { outcome, requests });
  });
}

test('retry: any other error than a NetworkError is thrown at once', async () => {
  const { result, send } = run([new RangeError('a bug'), ok]);
  await assert.rejects(result, RangeError);
  assert.equal(send.requests.length, 1);
});

const waits: readonly (readonly [name: string, steps: readonly Step[], slept: readonly number[]])[] = [
  ['at least half of a doubling backoff is waited', [broken], [125, 250, 500, 1000, 2000]],
  ['without a stated wait, the backoff', [limited({}), ok], [125]],
  ['a stated wait that is longer', [limited({ 'retry-after': '7' }), ok], [7000]],
  ['a stated wait that is shorter waits for the backoff', [limited({ 'retry-after': '0' }), ok], [125]],
  ['exactly a minute', [limited({ 'retry-after': '60' }), ok], [60_000]],
  ['a failure that is no rate limit', [answer(503, { headers: { 'retry-after': '3' } }), ok], [3000]],
  ['a wait in the body', [limited({}, 'retry-after: 512.5ms, allowed: 44000/minute'), ok], [512.5]],
];

for (const [name, steps, slept] of waits) {
  test(`retry wait: ${name}`, async () => {
    assert.deepEqual((await seen(run(steps))).slept, slept);
  });
}

const tooLong: readonly (readonly [name: string, step: HttpResponse, code: string])[] = [
  ['a minute and a second', limited({ 'retry-after': '61' }), 'RATE_LIMITED'],
  ['more seconds than a day has', limited({ 'retry-after': '99999999999' }), 'RATE_LIMITED'],
  ['a minute and a half in the body', limited({}, 'retry-after: 1m30s'), 'RATE_LIMITED'],
  ['an hour of maintenance', answer(503, { headers: { 'retry-after': '3600' } }), 'UNAVAILABLE'],
];

for (const [name, step, code] of tooLong) {
  test(`retry: ${name} fails at once with the time to wait`, async () => {
    const attempt = run([step, ok]);
    await assert.rejects(attempt.result, (error) => {
      assert(error instanceof RegistryError);
      assert.equal(error.code, code);
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

test('retry: no attempt begins after the deadline, which includes the time of the attempts', async () => {
  const { result, clock, send } = run([limited({ 'retry-after': '50' })]);
  assert.equal((await result).status, 429);
  assert.deepEqual([clock.slept, send.requests.length], [[50_000, 50_000], 3]);
  let attempts = 0;
  const slow = async () => {
    attempts += 1;
    clock.time += 50_000;
    return answer(500);
  };
  await retried(slow, standardRetries, clock)(request());
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

const writes: readonly (readonly [
  name: string,
  steps: readonly Step[],
  order: string,
  applied?: HttpResponse,
])[] = [
  ['that took effect is not repeated', [broken, answer(500)], 'put look', answer(201)],
  ['is looked for before each further attempt', [answer(503), broken, answer(201)], 'put look put look put'],
  ['that is answered is not looked for', [answer(400)], 'put'],
  ['is not looked for when no attempt is left', [answer(500)], `put${' look put'.repeat(5)}`],
];

for (const [name, steps, order, applied] of writes) {
  test(`retry: a write ${name}`, async () => {
    const seen: string[] = [];
    const host = script(...steps);
    const send = retried(
      async (sent: HttpRequest & RetriedRequest) => {
        seen.push('put');
        return host(sent);
      },
      standardRetries,
      new FakeClock(),
    );
    const alreadyApplied = async () => {
      seen.push('look');
      return applied;
    };
    const result = await send({ ...request(undefined, { method: 'PUT' }), alreadyApplied });
    assert.equal(seen.join(' '), order);
    assert.equal(result, applied ?? steps.at(-1));
  });
}
