import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostLimiter, HostLimiters, limited, maxHostConnections } from '../../../src/http/host-limiter.ts';
import type { HttpResponse } from '../../../src/http/message.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { answer, FakeClock, request } from '../../support/rigs/wire-rig.ts';

/** Work that ends when the test says so. */
class Work {
  running = 0;
  readonly #ends: (() => void)[] = [];
  readonly do = (): Promise<void> => {
    this.running += 1;
    return new Promise((end) => this.#ends.push(end));
  };

  /** Ends so many of them, the oldest first. */
  async end(count: number): Promise<void> {
    for (const end of this.#ends.splice(0, count)) {
      this.running -= 1;
      end();
    }
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
}

function begin(limiter: HostLimiter, work: Work, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) limiter.run(work.do).catch(() => undefined);
  return settle();
}

test('at most 32 requests to a host run at once, and each that ends lets another start', async () => {
  const work = new Work();
  const limiter = new HostLimiter(maxHostConnections, new FakeClock());
  await begin(limiter, work, 100);
  assert.equal(work.running, maxHostConnections);
  assert.equal(maxHostConnections, 32);
  await work.end(10);
  assert.equal(work.running, 32);
});

test('with HTTP/2, 100 requests run at once, also of those that waited', async () => {
  const work = new Work();
  const limiter = new HostLimiter(maxHostConnections, new FakeClock());
  await begin(limiter, work, 150);
  limiter.multiplexed();
  await settle();
  assert.equal(work.running, 100);
});

test('HTTP/2 does not undo a refusal: each answer adds one, up to 100', async () => {
  const work = new Work();
  const limiter = new HostLimiter(maxHostConnections, new FakeClock());
  limiter.refused(0);
  limiter.multiplexed();
  await begin(limiter, work, 150);
  assert.equal(work.running, 16);
  for (let n = 0; n < 200; n += 1) limiter.answered();
  await work.end(1);
  assert.equal(work.running, 100);
});

for (const { name, in: code, out } of [
  { name: 'REFUSED_STREAM', in: 7, out: [250] },
  { name: 'ENHANCE_YOUR_CALM', in: 11, out: [250] },
  { name: 'INTERNAL_ERROR', in: 2, out: [] },
])
  test(`the host’s next request after ${name} waits ${out[0] ?? 0} ms`, async () => {
    const clock = new FakeClock();
    const cause = Object.assign(new Error('stream closed'), { http2ErrorCode: code });
    const failing = limited(async () => {
      throw new NetworkError('CONNECTION', 'a stream was closed', { cause });
    }, new HostLimiters(clock));
    for (let n = 0; n < 2; n += 1) await assert.rejects(failing(request()), NetworkError);
    assert.deepEqual(clock.slept, out);
  });

test('failed work makes room as well, and its caller gets its error', async () => {
  const limiter = new HostLimiter(1, new FakeClock());
  await assert.rejects(
    limiter.run(() => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await limiter.run(async () => 'yes'), 'yes');
});

test('each refusal halves the requests in flight, down to one; each answer adds one, up to the maximum', async () => {
  const clock = new FakeClock();
  const work = new Work();
  const limiter = new HostLimiter(8, clock);
  const room = async (): Promise<number> => {
    await begin(limiter, work, 20);
    const { running } = work;
    await work.end(running);
    for (let rest = 1; rest <= 20; rest += 1) await work.end(8);
    return running;
  };
  const rooms: number[] = [await room()];
  for (let n = 0; n < 5; n += 1) {
    limiter.refused(0);
    rooms.push(await room());
  }
  assert.deepEqual(rooms, [8, 4, 2, 1, 1, 1]);
  limiter.answered();
  limiter.answered();
  rooms.push(await room());
  for (let n = 0; n < 50; n += 1) limiter.answered();
  rooms.push(await room());
  assert.deepEqual(rooms.slice(6), [3, 8]);
});

test('nothing starts during a pause, and all work goes on after it', async () => {
  const clock = new FakeClock();
  let wake: () => void = () => assert.fail('no sleep');
  const sleep = (milliseconds: number): Promise<void> => {
    clock.slept.push(milliseconds);
    return new Promise((done) => {
      wake = done;
    });
  };
  const work = new Work();
  const limiter = new HostLimiter(8, { now: clock.now, sleep });
  limiter.pause(3000);
  await begin(limiter, work, 3);
  assert.deepEqual([work.running, clock.slept], [0, [3000]]);
  clock.time += 3000;
  wake();
  await settle();
  assert.equal(work.running, 3);
});

test('of two pauses the longer one counts, in either order', async () => {
  for (const pauses of [
    [5000, 2000],
    [2000, 5000],
  ]) {
    const clock = new FakeClock();
    const limiter = new HostLimiter(8, clock);
    const started = clock.time;
    for (const pause of pauses) limiter.pause(pause);
    assert.equal(await limiter.run(async () => clock.time - started), 5000);
  }
});

test('a pause prolonged while others wait is slept to its end', async () => {
  const clock = new FakeClock();
  const wakes: (() => void)[] = [];
  const sleep = (milliseconds: number): Promise<void> => {
    clock.slept.push(milliseconds);
    return new Promise((wake) => wakes.push(wake));
  };
  const work = new Work();
  const limiter = new HostLimiter(8, { now: clock.now, sleep });
  limiter.pause(1000);
  await begin(limiter, work, 1);
  limiter.pause(5000);
  clock.time += 1000;
  wakes[0]?.();
  await settle();
  assert.deepEqual([work.running, clock.slept], [0, [1000, 4000]]);
});

test('no timer is set for a pause when no request waits', async () => {
  const clock = new FakeClock();
  const limiter = new HostLimiter(8, clock);
  await limiter.run(async () => limiter.pause(60_000));
  assert.deepEqual(clock.slept, []);
});

test('background work starts only when no other work waits', async () => {
  const order: string[] = [];
  const limiter = new HostLimiter(1, new FakeClock());
  const done = [
    limiter.run(async () => order.push('first')),
    limiter.run(async () => order.push('background'), 'background'),
    limiter.run(async () => order.push('second')),
    limiter.run(async () => order.push('third')),
  ];
  await Promise.all(done);
  assert.deepEqual(order, ['first', 'second', 'third', 'background']);
});

test('work is overtaken when work that was started later has ended', async () => {
  const limiter = new HostLimiter(2, new FakeClock());
  const late = Promise.withResolvers<void>();
  const said: boolean[] = [];
  const first = limiter.run(async (isOvertaken) => {
    said.push(isOvertaken());
    await late.promise;
    said.push(isOvertaken());
  });
  await limiter.run(async (isOvertaken) => said.push(isOvertaken()));
  late.resolve();
  await first;
  assert.deepEqual(said, [false, false, true]);
});

const refusals: readonly { name: string; in: HttpResponse; out: number }[] = [
  { name: 'a 200', in: answer(200), out: 0 },
  { name: 'a 404', in: answer(404), out: 0 },
  { name: 'a 500', in: answer(500), out: 0 },
  { name: 'a 503', in: answer(503), out: 0 },
  { name: 'a 503 with seconds', in: answer(503, { headers: { 'retry-after': '4' } }), out: 4000 },
  { name: 'a 502 with seconds', in: answer(502, { headers: { 'retry-after': '4' } }), out: 4000 },
  { name: 'a 404 with seconds', in: answer(404, { headers: { 'retry-after': '4' } }), out: 0 },
  { name: 'a 403', in: answer(403, { body: 'denied' }), out: 0 },
  { name: 'a 403 of a secondary rate limit', in: answer(403, { body: 'secondary rate limit' }), out: 250 },
  { name: 'a 429', in: answer(429), out: 250 },
  { name: 'a 429 with seconds', in: answer(429, { headers: { 'retry-after': '4' } }), out: 4000 },
  { name: 'a 429 in GHCR’s form', in: answer(429, { body: 'retry-after: 1.5s' }), out: 1500 },
  { name: 'a 429 with next to no wait', in: answer(429, { body: 'retry-after: 3µs' }), out: 250 },
];

for (const { name, in: response, out } of refusals) {
  test(`the host’s next request after ${name} waits ${out} ms`, async () => {
    const clock = new FakeClock();
    const wire = limited(async () => response, new HostLimiters(clock));
    assert.equal(await wire(request()), response);
    await wire(request());
    assert.deepEqual(clock.slept, out === 0 ? [] : [out]);
  });
}

test('a long pause of a host is reported once for all its requests; a longer one is reported again', () => {
  const clock = new FakeClock();
  const reported: unknown[] = [];
  const limiters = new HostLimiters(clock, (...report) => reported.push(report));
  const limiter = limiters.of(new URL('https://a.example:8443/v2/'));
  for (const wait of [4999, 5000, 20_000, 20_000, 19_000, 24_000, 60_000]) limiter.pause(wait);
  limiters.of(new URL('https://b.example/')).refused(5000);
  assert.deepEqual(reported, [
    ['a.example:8443', 20_000],
    ['a.example:8443', 60_000],
    ['b.example', 5000],
  ]);
});

test('scheme and port distinguish hosts', () => {
  const limiters = new HostLimiters(new FakeClock());
  const urls = [
    'https://a.example/v2/',
    'https://a.example/v2/x?y',
    'http://a.example/',
    'https://a.example:8443/',
  ];
  const [one, same, plain, port] = urls.map((url) => limiters.of(new URL(url)));
  assert.equal(one, same);
  assert.equal(new Set([one, plain, port]).size, 3);
});
