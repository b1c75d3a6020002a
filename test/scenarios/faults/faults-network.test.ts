/** Networks that break, stall and lie: what passes is survived, what does not is an error that names the host. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { standardTimeouts } from '../../../src/http/transport.ts';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import { scenario } from '../../support/run/scenario.ts';
import { serverTls } from '../../support/tls/tls.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import { warningsOf } from '../evidence.ts';
import {
  amd64,
  assertHelpful,
  assertNothingMoved,
  assertPublished,
  before,
  hurriedly,
  lookAtTag,
  publishLatest,
  readBack,
  readConfig,
  readSource,
  requestsOf,
  writeTag,
} from './scene.ts';

const reads: Readonly<Record<string, FaultMatch>> = {
  'a source': readSource,
  'a config': readConfig,
  'the tag before': lookAtTag,
  'the tag after': readBack,
};

const brokenReads: readonly { readonly name: string; readonly fault: FaultSpec }[] = [
  { name: 'reset', fault: { fault: 'reset' } },
  { name: 'closed without an answer', fault: { fault: 'fin' } },
  { name: 'closed in the middle of the body', fault: { fault: 'truncated-body' } },
  { name: 'given other bytes than their digest names', fault: { fault: 'other-bytes' } },
];

for (const { name, fault } of brokenReads) {
  scenario(`every kind of read ${name} is read again on a fresh connection`, {}, async (t) => {
    for (const on of Object.values(reads)) t.registry.inject({ ...fault, on });
    const run = await publishLatest(t);
    await assertPublished(t, run);
    for (const [what, on] of Object.entries(reads)) {
      const [first, second] = requestsOf(t.registry, { ...on, path: pathOf(t.registry.wire, on) });
      // HEAD has no body that could be cut short or be another.
      if (first?.method === 'HEAD' && !['reset', 'fin'].includes(fault.fault)) continue;
      assert.ok(second !== undefined, `${what} is not read again`);
      if (fault.fault !== 'other-bytes') assert.notEqual(second.connection, first?.connection, what);
    }
  });
}

/** Of several requests that match, the one that met the fault. */
function pathOf(
  wire: readonly { readonly path: string; readonly fault?: string; readonly method: string }[],
  on: FaultMatch,
): RegExp {
  const met = wire.find(
    (entry) => entry.fault !== undefined && entry.method === on.method && on.path?.test(entry.path),
  );
  return new RegExp(`${met?.path ?? 'nothing'}$`);
}

const statuses: readonly { readonly status: number; readonly body?: string }[] = [
  { status: 408 },
  { status: 500, body: 'panic: out of order\n' },
  { status: 502, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' },
  { status: 503 },
  { status: 504 },
];

for (const { status, body } of statuses) {
  scenario(`${status} at each kind of request is tried again`, {}, async (t) => {
    for (const on of [...Object.values(reads), writeTag]) {
      t.registry.inject({ fault: 'status', status, ...(body !== undefined && { body }), on });
    }
    await assertPublished(t, await publishLatest(t));
    assert.equal(requestsOf(t.registry, writeTag).length, 2);
  });
}

scenario('503 three times in a row is survived on reads and on the write', {}, async (t) => {
  for (const on of [readSource, writeTag])
    t.registry.inject({ fault: 'status', status: 503, on: { ...on, times: 3 } });
  await assertPublished(t, await publishLatest(t));
});

scenario('a registry in trouble for good is asked six times, and named', {}, async (t) => {
  t.registry.inject({ fault: 'status', status: 503, on: { ...readSource, times: 99 } });
  const run = await publishLatest(t, hurriedly);
  assertHelpful(await assertNothingMoved(t, run, 'UNAVAILABLE'), t.registry.host);
  assert.equal(requestsOf(t.registry, readSource).length, 6);
  t.snapshot(run, { wire: 'none' });
});

for (const on of [readSource, writeTag, readBack]) {
  scenario(
    `a registry that restarts for a second at ${on.method} ${on.path} is waited for`,
    {},
    async (t) => {
      t.registry.inject({ fault: 'restart', milliseconds: 1000, on });
      await assertPublished(t, await publishLatest(t));
    },
  );
}

scenario('a push reset before it took effect is made again', {}, async (t) => {
  t.registry.inject({ fault: 'reset', on: writeTag });
  await assertPublished(t, await publishLatest(t));
  assert.equal(requestsOf(t.registry, writeTag).length, 2);
});

for (const fault of ['reset-after-store', 'fin-after-store'] as const) {
  scenario(`a push that took effect unseen (${fault}) is read, not made again`, {}, async (t) => {
    t.registry.inject({ fault, on: writeTag });
    const run = await publishLatest(t);
    await assertPublished(t, run);
    assert.equal(requestsOf(t.registry, writeTag).length, 1);
    assert.deepEqual(JSON.parse(run.outputs['previous'] ?? ''), { [t.ref('app:latest')]: before.digest });
    assert.equal(run.outputs['changed'], 'true');
  });
}

scenario('a push that never comes through leaves the tag as it was, and says so', {}, async (t) => {
  t.registry.inject({ fault: 'reset', on: { ...writeTag, times: 99 } });
  const run = await publishLatest(t, hurriedly);
  assertHelpful(await assertNothingMoved(t, run, 'CONNECTION'), t.registry.host);
  assert.equal(requestsOf(t.registry, writeTag).length, 6);
  t.snapshot(run, { wire: 'none' });
});

const silent: readonly { readonly name: string; readonly fault: FaultSpec; readonly on: FaultMatch }[] = [
  { name: 'a source that is never answered', fault: { fault: 'never-answer' }, on: readSource },
  { name: 'a source that stops in the middle', fault: { fault: 'stalled-body' }, on: readSource },
  { name: 'a push that is never answered', fault: { fault: 'never-answer' }, on: writeTag },
  {
    name: 'a push that took effect and is never answered',
    fault: { fault: 'never-answer-after-store' },
    on: writeTag,
  },
  { name: 'a read-back that is never answered', fault: { fault: 'never-answer' }, on: readBack },
];

for (const { name, fault, on } of silent) {
  scenario(`${name} is given up in time and tried again`, {}, async (t) => {
    t.registry.inject({ ...fault, on });
    await assertPublished(t, await publishLatest(t, hurriedly));
  });
}

scenario('a host that never answers is given up after three tries', {}, async (t) => {
  t.registry.inject({ fault: 'never-answer', on: { ...readSource, times: 99 } });
  const run = await publishLatest(t, hurriedly);
  assertHelpful(await assertNothingMoved(t, run, 'TIMEOUT'), t.registry.host);
  assert.equal(requestsOf(t.registry, readSource).length, 3);
  t.snapshot(run, { wire: 'none' });
});

// The timeouts of the entry itself, on a clock that runs faster.
scenario('a host that never answers ends a run of the usual patience within 100 seconds', {}, async (t) => {
  t.registry.inject({ fault: 'never-answer', on: { times: 999 } });
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  const run = await t.publish(inputs, { manner: 'process', pace: 'hurried' });
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /did not answer in time .* tried 3 times \[TIMEOUT\]/);
  assert.ok(3 * standardTimeouts.headers + 5000 < 100_000);
});

scenario('a host that trickles for ever is given up too', {}, async (t) => {
  const on = { ...readSource, times: 99 };
  // By the system's clock, as sockets go.
  const drip = async function* (): AsyncIterable<Uint8Array> {
    for (;;) {
      yield Buffer.from(' ');
      await sleep(100);
    }
  };
  const headers = { 'content-type': amd64.mediaType };
  t.registry.inject({ fault: 'custom', apply: async () => ({ status: 200, headers, body: drip() }), on });
  const run = await publishLatest(t, hurriedly);
  assertHelpful(await assertNothingMoved(t, run, 'TIMEOUT'), t.registry.host);
});

scenario('a read-back that never comes does not undo what the registry confirmed', {}, async (t) => {
  t.registry.inject({ fault: 'never-answer', on: { ...readBack, times: 99 } });
  const run = await publishLatest(t, hurriedly);
  await assertPublished(t, run);
  assert.match(
    warningsOf(run).join(),
    /latest could not be read back, though the registry confirmed sha256:/,
  );
});

for (const [what, on] of Object.entries({ ...reads, 'the push': writeTag })) {
  scenario(`a log-in page in place of ${what}`, {}, async (t) => {
    t.registry.inject({ fault: 'captive-portal', on: { ...on, times: 99 } });
    const run = await publishLatest(t, hurriedly);
    if (on === lookAtTag || on === readBack) return assertPublished(t, run);
    t.snapshot(run, { wire: 'none' });
    assertHelpful(await assertNothingMoved(t, run, 'NOT_A_REGISTRY'), t.registry.host);
  });
}

scenario('a host that the name server does not know', {}, async (t) => {
  const sources = 'registry.invalid/app:1';
  const run = await publishLatest(t, { ...hurriedly, inputs: { sources } });
  assertHelpful(await assertNothingMoved(t, run, 'DNS'), 'registry.invalid');
  t.snapshot(run, { wire: 'none' });
});

scenario('a port where nobody listens', {}, async (t) => {
  const run = await publishLatest(t, { ...hurriedly, inputs: { sources: '127.0.0.1:1/app:1' } });
  assertHelpful(await assertNothingMoved(t, run, 'CONNECTION'), '127.0.0.1:1');
  t.snapshot(run, { wire: 'none' });
});

scenario(
  'a certificate that nobody vouches for is refused at once, and plain HTTP is not tried',
  { tls: true },
  async (t) => {
    const env = { NODE_EXTRA_CA_CERTS: undefined };
    const run = await publishLatest(t, { env, inputs: { sources: t.ref('app:amd64') } });
    assertHelpful(await assertNothingMoved(t, run, 'TLS'), t.registry.host);
    assert.deepEqual(t.registry.wire, []);
    t.snapshot(run, { wire: 'none' });
  },
);

for (const fault of ['goaway', 'refused-stream', 'reset', 'fin-after-store'] as const) {
  scenario(
    `over HTTP/2, ${fault} at each kind of request is survived`,
    { registry: { tls: serverTls(), http2: true } },
    async (t) => {
      for (const on of [...Object.values(reads), writeTag]) t.registry.inject({ fault, on });
      await assertPublished(t, await publishLatest(t));
      assert.ok(t.registry.wire.filter((entry) => entry.fault !== undefined).length >= 4);
    },
  );
}
