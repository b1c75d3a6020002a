import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostLimiter, HostLimiters, limited, maxHostConnections } from '../../../src/http/host-limiter.ts';
import type { HttpResponse } from '../../../src/http/message.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { answer, FakeClock, request } from '../../support/rigs/wire-rig.ts';

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
}

/** A clock whose sleeps end when the test says so. */
class HeldClock extends FakeClock {
  readonly #wakes: (() => void)[] = [];
  override readonly sleep = (milliseconds: number): Promise<void> => {
    this.slept.push(milliseconds);
    return new Promise((wake) => this.#wakes.push(wake));
  };

  /** Lets time pass, and ends the oldest sleep. */
  async pass(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    this.#wakes.shift()?.();
    await settle();
  }
}

/** The limiter of a host, and work that ends when the test says so. */
class Host {
  running = 0;
  readonly limiter: HostLimiter;
  readonly #ends: (() => void)[] = [];

  constructor(maxInFlight: number, clock = new FakeClock()) {
    this.limiter = new HostLimiter(maxInFlight, () => 0, clock);
  }

  async begin(count: number): Promise<void> {
    const work = (): Promise<void> => {
      this.running += 1;
      return new Promise((end) => this.#ends.push(end));
    };
    for (let n = 0; n < count; n += 1) this.limiter.run({}, work).catch(() => undefined);
    await settle();
  }

  /** Ends so many of them, the oldest first. */
  async end(count: number): Promise<void> {
    for (const end of this.#ends.splice(0, count)) {
      this.running -= 1;
      end();
    }
    await settle();
  }

  /** How many of twenty run at once. */
  async room(): Promise<number> {
    await this.begin(20);
    const { running } = this;
    for (let rest = 0; rest <= 20; rest += 1) await this.end(8);
    return running;
  }

  answered(times: number): void {
    for (let n = 0; n < times; n += 1) this.limiter.answered();
  }
}

test('at most 32 requests to a host run at once, and each that ends lets another start', async () => {
  assert.equal(maxHostConnections, 32);
  const host = new Host(maxHostConnections);
  await host.begin(100);
  assert.equal(host.running, 32);
  await host.end(10);
  assert.equal(host.running, 32);
});

test('with HTTP/2, 100 requests run at once, including those that waited', async () => {
  const host = new Host(maxHostConnections);
  await host.begin(150);
  host.limiter.multiplexed();
  await settle();
  assert.equal(host.running, 100);
});

test('HTTP/2 does not undo a refusal: each answer adds one, up to 100', async () => {
  const host = new Host(maxHostConnections);
  host.limiter.refused(0);
  host.limiter.multiplexed();
  await host.begin(150);
  assert.equal(host.running, 16);
  host.answered(200);
  await host.end(1);
  assert.equal(host.running, 100);
});

test('each refusal halves the requests in flight, down to one; each answer adds one, up to the maximum', async () => {
  const host = new Host(8);
  const rooms = [await host.room()];
  for (let n = 0; n < 5; n += 1) {
    host.limiter.refused(0);
    rooms.push(await host.room());
  }
  host.answered(2);
  rooms.push(await host.room());
  host.answered(50);
  rooms.push(await host.room());
  assert.deepEqual(rooms, [8, 4, 2, 1, 1, 1, 3, 8]);
});

test('failed work makes room as well, and its caller gets its error', async () => {
  const { limiter } = new Host(1);
  await assert.rejects(
    limiter.run({}, () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await limiter.run({}, async () => 'yes'), 'yes');
});

test('nothing starts during a pause; one that is prolonged is slept to its end', async () => {
  const clock = new HeldClock();
  const host = new Host(8, clock);
  host.limiter.pause(1000);
  await host.begin(3);
  host.limiter.pause(5000);
  await clock.pass(1000);
  assert.deepEqual([host.running, clock.slept], [0, [1000, 4000]]);
  await clock.pass(4000);
  assert.equal(host.running, 3);
});

test('of two pauses the longer one counts, in either order', async () => {
  for (const pauses of [
    [5000, 2000],
    [2000, 5000],
  ]) {
    const clock = new FakeClock();
    const { limiter } = new Host(8, clock);
    const started = clock.time;
    for (const pause of pauses) limiter.pause(pause);
    assert.equal(await limiter.run({}, async () => clock.time - started), 5000);
  }
});

test('no timer is set for a pause when no request waits', async () => {
  const clock = new FakeClock();
  const { limiter } = new Host(8, clock);
  await limiter.run({}, async () => limiter.pause(60_000));
  assert.deepEqual(clock.slept, []);
});

test('the order that is handed in chooses which request starts next', async () => {
  const order: string[] = [];
  const limiter = new HostLimiter(1, (waiting) => waiting.length - 1, new FakeClock());
  await Promise.all(
    ['first', 'second', 'third'].map((name) => limiter.run({}, async () => order.push(name))),
  );
  assert.deepEqual(order, ['first', 'third', 'second']);
});

test('background requests start only when no other request waits, not even one of the same turn', async () => {
  const order: string[] = [];
  const limiters = new HostLimiters(new FakeClock());
  const send = limited(async ({ url }) => {
    order.push(url.pathname);
    return answer(200);
  }, limiters);
  for (let n = 0; n < 5; n += 1) limiters.of(request().url).refused(0);
  const background = { priority: 'background' } as const;
  await Promise.all([
    send(request('https://registry.example/background', background)),
    ...['first', 'second', 'third'].map((name) => send(request(`https://registry.example/${name}`))),
  ]);
  assert.deepEqual(order, ['/first', '/second', '/third', '/background']);
});

const refusals: readonly (readonly [name: string, outcome: HttpResponse | number, wait: number])[] = [
  ...[200, 404, 500, 503].map((status) => [`${status}`, answer(status), 0] as const),
  ['503 with seconds', answer(503, { headers: { 'retry-after': '4' } }), 4000],
  ['502 with seconds', answer(502, { headers: { 'retry-after': '4' } }), 4000],
  ['404 with seconds', answer(404, { headers: { 'retry-after': '4' } }), 0],
  ['403', answer(403, { body: 'denied' }), 0],
  ['403 of a secondary rate limit', answer(403, { body: 'secondary rate limit' }), 250],
  ['429', answer(429), 250],
  ['429 with seconds', answer(429, { headers: { 'retry-after': '4' } }), 4000],
  ['429 with an hour', answer(429, { headers: { 'retry-after': '3600' } }), 250],
  ['429 in GHCR’s form', answer(429, { body: 'retry-after: 1.5s' }), 1500],
  ['429 with next to no wait', answer(429, { body: 'retry-after: 3µs' }), 250],
  ['REFUSED_STREAM', 7, 250],
  ['ENHANCE_YOUR_CALM', 11, 250],
  ['INTERNAL_ERROR', 2, 0],
];

for (const [name, outcome, out] of refusals) {
  test(`the host’s next request after ${name} waits ${out} ms`, async () => {
    const clock = new FakeClock();
    const send = limited(async () => {
      if (typeof outcome !== 'number') return outcome;
      const cause = Object.assign(new Error('stream closed'), { http2ErrorCode: outcome });
      throw new NetworkError('CONNECTION', 'a stream was closed', { cause });
    }, new HostLimiters(clock));
    for (let n = 0; n < 2; n += 1) {
      if (typeof outcome === 'number') await assert.rejects(send(request()), NetworkError);
      else assert.equal(await send(request()), outcome);
    }
    assert.deepEqual(clock.slept, out === 0 ? [] : [out]);
  });
}

test('no request takes the place of a refused one', async () => {
  const replies: ((response: HttpResponse) => void)[] = [];
  const send = limited(() => new Promise((reply) => replies.push(reply)), new HostLimiters(new HeldClock()));
  for (let n = 0; n < 300; n += 1) send(request()).catch(() => undefined);
  await settle();
  assert.equal(replies.length, 32);
  for (const reply of replies.slice(0, 32)) reply(answer(429, { headers: { 'retry-after': '9' } }));
  await settle();
  assert.equal(replies.length, 32);
});

test('a pause counts for its host alone; scheme and port distinguish hosts', async () => {
  const clock = new FakeClock();
  const limiters = new HostLimiters(clock);
  const started: [string, number][] = [];
  const send = limited(async ({ url }) => {
    started.push([url.href, clock.time - zero]);
    return answer(200);
  }, limiters);
  const zero = clock.time;
  limiters.of(new URL('https://a.example/v2/')).pause(5000);
  for (const url of [
    'http://a.example/',
    'https://a.example:8443/',
    'https://b.example/',
    'https://a.example/x',
  ])
    await send(request(url));
  assert.deepEqual(started, [
    ['http://a.example/', 0],
    ['https://a.example:8443/', 0],
    ['https://b.example/', 0],
    ['https://a.example/x', 5000],
  ]);
});

test('a long pause of a host is reported once for all its requests; a longer one is reported again', () => {
  const reported: unknown[] = [];
  const limiters = new HostLimiters(new FakeClock(), (...report) => reported.push(report));
  const limiter = limiters.of(new URL('https://a.example:8443/v2/'));
  for (const wait of [4999, 5000, 20_000, 20_000, 19_000, 24_000, 60_000]) limiter.pause(wait);
  limiters.of(new URL('https://b.example/')).refused(5000);
  assert.deepEqual(reported, [
    ['a.example:8443', 20_000],
    ['a.example:8443', 60_000],
    ['b.example', 5000],
  ]);
});
