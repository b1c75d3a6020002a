/** Networks that break, stall and lie: what passes is survived, what does not is an error that names the host. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { serverNow } from '../../support/wire/test-clock.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import {
  assertHelpful,
  assertNothingMoved,
  assertPublished,
  hurriedly,
  list,
  lookAtTag,
  publishLatest,
  readBack,
  readConfig,
  readSource,
  requestsOf,
  staged,
  writeTag,
} from './scene.ts';

interface Lasting {
  readonly fault: FaultSpec;
  readonly on: FaultMatch;
  readonly code: string;
  /** How often the request is sent. */
  readonly tries: number;
}

const lasting: Readonly<Record<string, Lasting>> = {
  'a registry that answers 503 for good': {
    fault: { fault: 'status', status: 503 },
    on: readSource,
    code: 'UNAVAILABLE',
    tries: 6,
  },
  'a push that is always reset': { fault: { fault: 'reset' }, on: writeTag, code: 'CONNECTION', tries: 6 },
  'a host that never answers': {
    fault: { fault: 'never-answer' },
    on: readSource,
    code: 'TIMEOUT',
    tries: 3,
  },
  'a log-in page in place of a source': {
    fault: { fault: 'captive-portal' },
    on: readSource,
    code: 'NOT_A_REGISTRY',
    tries: 1,
  },
  'a limit of an hour': {
    fault: { fault: 'rate-limit', form: 'hour' },
    on: writeTag,
    code: 'RATE_LIMITED',
    tries: 1,
  },
};

for (const [name, { fault, on, code, tries }] of Object.entries(lasting)) {
  scenario(`${name} ends the run after ${tries} tries, and no tag has moved`, {}, async (t) => {
    t.registry.inject({ ...fault, on: { ...on, times: 99 } });
    const run = await publishLatest(t, hurriedly);
    assertHelpful(await assertNothingMoved(t, run, code), t.registry.host);
    assert.equal(requestsOf(t.registry, on).length, tries);
    t.snapshot(run, { wire: 'none' });
  });
}

scenario('a tag that is never read back fails the run, although the registry confirmed it', {}, async (t) => {
  t.registry.inject({ fault: 'never-answer', on: { ...readBack, times: 99 } });
  const run = await publishLatest(t, hurriedly);
  assert.equal(run.exitCode, 1, run.stdout);
  assert.deepEqual((await t.served('app:latest'))?.bytes, list.bytes);
  assert.match(run.summary, /`latest` \| \*\*unknown\*\*: /);
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

scenario('a host that the name server does not know', {}, async (t) => {
  const sources = 'registry.invalid/app:1';
  const run = await publishLatest(t, { ...hurriedly, inputs: { sources } });
  assertHelpful(await assertNothingMoved(t, run, 'DNS'), 'registry.invalid');
  t.snapshot(run, { wire: 'none' });
});

scenario('a port where no server listens', {}, async (t) => {
  const run = await publishLatest(t, { ...hurriedly, inputs: { sources: '127.0.0.1:1/app:1' } });
  assertHelpful(await assertNothingMoved(t, run, 'CONNECTION'), '127.0.0.1:1');
  t.snapshot(run, { wire: 'none' });
});

scenario(
  'a certificate that no authority signed is refused at once, and plain HTTP is not tried',
  { tls: true },
  async (t) => {
    const env = { NODE_EXTRA_CA_CERTS: undefined };
    const run = await publishLatest(t, { env, inputs: { sources: t.ref('app:amd64') } });
    assertHelpful(await assertNothingMoved(t, run, 'TLS'), t.registry.host);
    assert.deepEqual(t.registry.wire, []);
    t.snapshot(run, { wire: 'none' });
  },
);

const requests = [readSource, readConfig, lookAtTag, readBack, writeTag];

for (const fault of ['goaway', 'refused-stream', 'reset', 'fin-after-store'] as const) {
  scenario(
    `over HTTP/2, ${fault} at each kind of request is survived`,
    { registry: { tls: serverTls(), http2: true } },
    async (t) => {
      for (const on of requests) t.registry.inject({ fault, on });
      await assertPublished(t, await publishLatest(t));
      assert.ok(t.registry.wire.filter((entry) => entry.fault !== undefined).length >= 4);
    },
  );
}
