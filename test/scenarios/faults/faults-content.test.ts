/** Content that no honest registry serves: refused by name, with bounded memory, before anything is written. */
import assert from 'node:assert/strict';
import { describe, makeImage } from '../../support/images/images.ts';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import { scenario } from '../../support/run/scenario.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import {
  amd64,
  arm64,
  assertHelpful,
  assertModest,
  assertNothingMoved,
  assertPublished,
  before,
  type FaultScenario,
  lookAtTag,
  measured,
  publishLatest,
  readBack,
  readConfig,
  readSource,
  requestsOf,
} from './scene.ts';

const image = amd64.document as unknown as Readonly<Record<string, unknown>>;
const entry = { ...describe(amd64), platform: { architecture: 'amd64', os: 'linux' } };

interface Hostile {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly type: string;
  /** Default SOURCE_NOT_AN_IMAGE. */
  readonly code?: string;
}

const json = (value: unknown): string => JSON.stringify(value);
const list = (entries: readonly unknown[], more: object = {}): string =>
  json({ schemaVersion: 2, mediaType: manifestTypes.ociIndex, manifests: entries, ...more });

const hostile: readonly Hostile[] = [
  {
    name: 'a manifest that is an image and a list at once',
    body: json({ ...image, manifests: [entry] }),
    type: manifestTypes.ociManifest,
  },
  { name: 'an OCI image called a Docker image', body: amd64.bytes, type: manifestTypes.dockerManifest },
  { name: 'text', body: 'hello', type: 'text/plain' },
  { name: 'a hundred thousand brackets', body: '['.repeat(100_000), type: manifestTypes.ociManifest },
  {
    name: 'a manifest of more than 4 MiB',
    body: json({ ...image, padding: 'x'.repeat(4 * 1024 * 1024) }),
    type: manifestTypes.ociManifest,
    code: 'TOO_LARGE',
  },
  {
    name: 'a media type of a megabyte',
    body: json({ ...image, mediaType: 'x'.repeat(1_000_000) }),
    type: manifestTypes.ociManifest,
  },
  {
    name: 'a list whose entry has a path for a digest',
    body: list([{ ...entry, digest: 'sha256:../../../token' }]),
    type: manifestTypes.ociIndex,
  },
  {
    name: 'an image whose config has no digest',
    body: json({ ...image, config: {} }),
    type: manifestTypes.ociManifest,
  },
];

for (const { name, body, type, code = 'SOURCE_NOT_AN_IMAGE' } of hostile) {
  scenario(`a source that is ${name}`, {}, async (t) => {
    const answer = { status: 200, headers: { 'content-type': type }, body };
    const on = { method: 'GET', path: /\/hostile$/, times: 99 };
    t.registry.inject({ fault: 'custom', apply: async () => answer, on });
    const run = await publishLatest(t, {
      inputs: { sources: `${t.ref('app:arm64')}\n${t.ref('app:hostile')}` },
    });
    const lines = await assertNothingMoved(t, run, code);
    assert.match(lines[0] ?? '', /^sources line 2: /);
    assertHelpful(lines, t.registry.host);
    assert.deepEqual(requestsOf(t.registry, { method: 'PUT' }), []);
    assert.ok((lines[0] ?? '').length < 1000, `${lines[0]?.length} characters`);
    assertModest(run);
  });
}

const endless: readonly { readonly name: string; readonly status: number; readonly code: string }[] = [
  { name: 'a redirect', status: 307, code: 'REDIRECT' },
  { name: 'a demand for a login', status: 401, code: 'CHALLENGE' },
  { name: 'a refusal', status: 403, code: 'DENIED' },
  { name: 'a rate limit', status: 429, code: 'RATE_LIMITED' },
];

for (const { name, status, code } of endless) {
  scenario(`the body of ${name} without an end`, {}, async (t) => {
    t.registry.inject({ fault: 'endless-error-body', status, on: { ...readSource, times: 99 } });
    const run = await publishLatest(t, measured);
    assertModest(run);
    assertHelpful(await assertNothingMoved(t, run, code), t.registry.host);
  });
}

scenario('headers without an end', {}, async (t) => {
  const set = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`x-filler-${at}`, 'x'.repeat(1000)]));
  t.registry.inject({ fault: 'headers', set, on: { ...readSource, times: 99 } });
  const run = await publishLatest(t, measured);
  assertModest(run);
  assertHelpful(await assertNothingMoved(t, run, 'PROTOCOL'), t.registry.host);
});

const lies: readonly { readonly name: string; readonly on: FaultMatch }[] = [
  { name: 'a source by tag', on: readSource },
  { name: 'a config', on: readConfig },
];

for (const { name, on } of lies) {
  scenario(
    `${name} that is always other bytes than its digest names is refused after three reads`,
    {},
    async (t) => {
      t.registry.inject({ fault: 'other-bytes', on: { ...on, times: 99 } });
      const run = await publishLatest(t, { inputs: { sources: t.ref('app:amd64') } });
      assertHelpful(await assertNothingMoved(t, run, 'CORRUPTED'), t.registry.host);
      assert.equal(requestsOf(t.registry, on).length, 3);
      t.snapshot(run, { wire: 'none' });
    },
  );
}

scenario(
  'a digest that always gives other bytes is refused after three reads',
  { registry: { noDigestHeader: ['GET', 'HEAD'] } },
  async (t) => {
    const on: FaultMatch = { method: 'GET', path: new RegExp(`/manifests/${amd64.digest}$`) };
    t.registry.inject({ fault: 'other-bytes', on: { ...on, times: 99 } });
    const run = await publishLatest(t, { inputs: { sources: t.ref(`app@${amd64.digest}`) } });
    assertHelpful(await assertNothingMoved(t, run, 'CORRUPTED'), t.registry.host);
    assert.equal(requestsOf(t.registry, on).length, 3);
  },
);

scenario('a digest header that is no digest is passed over', {}, async (t) => {
  for (const on of [readSource, lookAtTag, readBack]) {
    t.registry.inject({
      fault: 'headers',
      set: { 'docker-content-digest': 'sha256:../../../x' },
      on: { ...on, times: 99 },
    });
  }
  await assertPublished(t, await publishLatest(t));
});

scenario('sources of which one is called by sha512', {}, async (t) => {
  const digest = await plantSha512(t);
  const run = await publishLatest(t, {
    inputs: { sources: `${t.ref(`app@${digest}`)}\n${t.ref('app:arm64')}` },
  });
  assert.equal(run.exitCode, 0, run.stdout);
  const served = JSON.parse(run.outputs['json'] ?? '') as { manifests: { digest: string }[] };
  assert.equal(served.manifests[1]?.digest, arm64.digest);
  assert.equal((await t.served('app:latest'))?.digest, run.outputs['digest']);
  assert.notEqual(run.outputs['digest'], before.digest);
});

async function plantSha512(t: FaultScenario): Promise<string> {
  const { createHash } = await import('node:crypto');
  const other = makeImage('linux/s390x');
  await t.push('app', other);
  const digest = `sha512:${createHash('sha512').update(other.bytes).digest('hex')}`;
  t.registry.plant('app', digest, other);
  return digest;
}
