/** Registries that say "too many requests": they are given the time they ask for, by all requests together. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import { makeImage } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { scenario } from '../../support/run/scenario.ts';
import { serverNow } from '../../support/wire/test-clock.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import {
  assertHelpful,
  assertNothingMoved,
  assertPublished,
  hurriedly,
  lookAtTag,
  publishLatest,
  readSource,
  requestsOf,
  staged,
  writeTag,
} from './scene.ts';

const forms: readonly { readonly name: string; readonly fault: FaultSpec }[] = [
  { name: '429 with nothing', fault: { fault: 'rate-limit', form: 'bare' } },
  { name: '429 with seconds', fault: { fault: 'rate-limit', form: 'seconds' } },
  { name: '429 with a date', fault: { fault: 'rate-limit', form: 'http-date', seconds: 2 } },
  { name: "429 with the wait in GHCR's words", fault: { fault: 'rate-limit', form: 'ghcr' } },
  { name: "403 with GitHub's secondary rate limit", fault: { fault: 'secondary-rate-limit' } },
  { name: '503 with seconds', fault: { fault: 'rate-limit', form: 'seconds', status: 503 } },
];

for (const { name, fault } of forms) {
  for (const [what, on] of Object.entries({ 'a read': readSource, 'the push': writeTag })) {
    scenario(`${name} on ${what} is waited out, and asked for once more`, {}, async (t) => {
      t.registry.inject({ ...fault, on });
      await assertPublished(t, await publishLatest(t));
      assert.equal(requestsOf(t.registry, on).length, 2);
    });
  }
}

/** Notes when each request comes, in milliseconds. */
function stopwatch(registry: TestRegistry, on: FaultMatch, refusals: number): readonly number[] {
  const times: number[] = [];
  const note = (): void => void times.push(serverNow());
  registry.inject({ fault: 'before', call: note, on: { ...on, nth: refusals + 1, times: 999 } });
  return times;
}

scenario('a registry that asks for two seconds gets them', {}, async (t) => {
  const refused: number[] = [];
  t.registry.inject({
    fault: 'custom',
    apply: async () => {
      refused.push(serverNow());
      return { status: 429, headers: { 'retry-after': '2' } };
    },
    on: readSource,
  });
  const times = stopwatch(t.registry, readSource, 1);
  await assertPublished(t, await publishLatest(t));
  const waited = (times[0] ?? 0) - (refused[0] ?? 0);
  assert.ok(waited >= 1990 && waited < 4000, `${waited} ms`);
});

for (const [what, on] of Object.entries({
  'a read': readSource,
  'a look at the tag': lookAtTag,
  'the push': writeTag,
})) {
  scenario(`a limit of an hour on ${what} ends the run at once`, {}, async (t) => {
    t.registry.inject({ fault: 'rate-limit', form: 'hour', on: { ...on, times: 99 } });
    const run = await publishLatest(t);
    const lines = await assertNothingMoved(t, run, 'RATE_LIMITED');
    assertHelpful(lines, t.registry.host);
    assert.match(lines[0] ?? '', /for the next 60 minutes \(429\)/);
    assert.equal(requestsOf(t.registry, on).length, 1);
    assert.ok(run.durationMs < 5000, `${run.durationMs} ms`);
    t.snapshot(run, { wire: 'none' });
  });
}

scenario('a limit that does not end is given up after six tries, and named', {}, async (t) => {
  t.registry.inject({ fault: 'rate-limit', form: 'bare', on: { ...readSource, times: 99 } });
  const run = await publishLatest(t, hurriedly);
  assertHelpful(await assertNothingMoved(t, run, 'RATE_LIMITED'), t.registry.host);
  assert.equal(requestsOf(t.registry, readSource).length, 6);
});

scenario('a limit that meets one of many parallel reads slows all of them', {}, async (t) => {
  const images = Array.from({ length: 40 }, (_, at) => makeImage({ os: 'linux', architecture: `cpu${at}` }));
  for (const [at, image] of images.entries()) await t.push(`app:image-${at}`, image);
  const sources = images.map((_, at) => t.ref(`app:image-${at}`)).join('\n');
  let limitedAt = 0;
  t.registry.inject({
    fault: 'custom',
    apply: async () => {
      limitedAt = serverNow();
      return { status: 429, headers: { 'retry-after': '2' } };
    },
    on: { path: /\/blobs\//, nth: 3 },
  });
  // What was on its way when the limit came may still arrive within the first half second.
  const hasty: string[] = [];
  t.registry.inject({
    fault: 'before',
    call: ({ request }) => {
      const after = serverNow() - limitedAt;
      if (limitedAt > 0 && after > 500 && after < 1900)
        hasty.push(`${request.url.pathname} after ${after} ms`);
    },
    on: { times: 9999 },
  });
  const run = await t.publish({ ...(await staged(t)), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(hasty, []);
  const reads = requestsOf(t.registry, { method: 'GET' });
  // The images, their configs, the old list, the new one; and one of them again.
  assert.equal(reads.length, 40 + 40 + 1 + 1 + 1);
});

scenario('a registry that bears forty requests a second is soon asked no faster', {}, async (t) => {
  const images = Array.from({ length: 12 }, (_, at) => makeImage({ os: 'linux', architecture: `cpu${at}` }));
  for (const [at, image] of images.entries()) await t.push(`app:image-${at}`, image);
  const sources = images.map((_, at) => t.ref(`app:image-${at}`)).join('\n');
  let allowed = 0;
  let refilled = serverNow();
  const refill = (): void => {
    const more = Math.floor((serverNow() - refilled) / 25);
    allowed = Math.min(4, allowed + more);
    refilled += more * 25;
  };
  let refusals = 0;
  t.registry.inject({
    fault: 'custom',
    apply: async ({ proceed }) => {
      refill();
      if (allowed >= 1) {
        allowed -= 1;
        return proceed();
      }
      refusals += 1;
      return { status: 429, headers: {} };
    },
    on: { times: 99_999 },
  });
  const run = await t.publish({ ...(await staged(t)), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.ok(refusals < 60, `${refusals} refusals for 28 requests`);
});

scenario('one registry that is limited does not hold up another', { registries: 2 }, async (t) => {
  const [one, other] = t.registries;
  assert.ok(one !== undefined && other !== undefined);
  await t.push('app:amd64', makeImage('linux/amd64'), one);
  await t.push('app:arm64', makeImage('linux/arm64'), other);
  let limitedAt = 0;
  one.inject({
    fault: 'custom',
    apply: async () => {
      limitedAt = serverNow();
      return { status: 429, headers: { 'retry-after': '3' } };
    },
    on: { method: 'GET' },
  });
  const reads: number[] = [];
  other.inject({
    fault: 'after',
    call: () => reads.push(serverNow()),
    on: { method: 'GET', times: 9 },
  });
  const sources = `${t.ref('app:amd64', one)}\n${t.ref('app:arm64', other)}`;
  const run = await t.publish({ tags: t.ref('app:latest', one), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.ok((reads[1] ?? 0) - limitedAt < 2000, 'manifest and config of the other were read meanwhile');
});
