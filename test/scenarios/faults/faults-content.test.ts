/** Content that no honest registry serves: refused by name, with bounded memory, before anything is written. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import { describe, makeImage, makeIndex } from '../../support/images/images.ts';
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
  hurriedly,
  lookAtTag,
  measured,
  publishLatest,
  readBack,
  readConfig,
  readSource,
  requestsOf,
  writeTag,
} from './scene.ts';

const image = amd64.document as unknown as Readonly<Record<string, unknown>>;
const index = makeIndex([amd64, arm64]);
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
    name: 'a manifest that is an image and a list at once, called an image',
    body: json({ ...image, manifests: [entry] }),
    type: manifestTypes.ociManifest,
  },
  {
    name: 'a manifest that is an image and a list at once, called a list',
    body: list([entry], { config: image['config'], layers: image['layers'] }),
    type: manifestTypes.ociIndex,
  },
  { name: 'a list called an image', body: index.bytes, type: manifestTypes.ociManifest },
  { name: 'an image called a list', body: amd64.bytes, type: manifestTypes.ociIndex },
  { name: 'an OCI image called a Docker image', body: amd64.bytes, type: manifestTypes.dockerManifest },
  {
    name: 'the same key twice',
    body: '{"schemaVersion":2,"layers":[],"layers":[]}',
    type: manifestTypes.ociManifest,
  },
  {
    name: 'the same key in two spellings',
    body: amd64.bytes.toString().replace('"layers"', '"Layers":[],"layers"'),
    type: manifestTypes.ociManifest,
  },
  {
    name: 'a manifest of schema 1',
    body: json({ schemaVersion: 1, name: 'app', tag: 'amd64', fsLayers: [], history: [] }),
    type: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  },
  { name: 'text', body: 'hello', type: 'text/plain' },
  { name: 'nothing', body: '', type: manifestTypes.ociManifest },
  { name: 'null', body: 'null', type: manifestTypes.ociManifest },
  {
    name: 'bytes that are no UTF-8',
    body: Buffer.from('{"schemaVersion":2,"a":"\xff"}', 'latin1'),
    type: manifestTypes.ociManifest,
  },
  { name: 'a hundred thousand brackets', body: '['.repeat(100_000), type: manifestTypes.ociManifest },
  {
    name: 'a manifest of more than 4 MiB',
    body: json({ ...image, padding: 'x'.repeat(4 * 1024 * 1024) }),
    type: manifestTypes.ociManifest,
    code: 'TOO_LARGE',
  },
  {
    name: 'an artifact type of megabytes',
    body: json({ ...image, mediaType: 'x'.repeat(1_000_000) }),
    type: manifestTypes.ociManifest,
  },
  ...[
    'sha256:../../../token',
    'sha256:%2e%2e',
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'a'.repeat(63)}`,
    'md5:d41d8cd98f00b204e9800998ecf8427e',
    '',
  ].map(
    (digest): Hostile => ({
      name: `a list whose entry has the digest «${digest.slice(0, 20)}»`,
      body: list([{ ...entry, digest }]),
      type: manifestTypes.ociIndex,
    }),
  ),
  {
    name: 'a list whose entry has a negative size',
    body: list([{ ...entry, size: -1 }]),
    type: manifestTypes.ociIndex,
  },
  {
    name: 'a list whose entry has a size of 2^60',
    body: list([{ ...entry, size: 2 ** 60 }]),
    type: manifestTypes.ociIndex,
  },
  {
    name: 'a list whose entry has no digest',
    body: list([{ mediaType: entry.mediaType, size: 1 }]),
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

for (const { name, type } of [
  { name: 'with parameters', type: `${manifestTypes.ociManifest}; charset=utf-8` },
  { name: 'in capitals', type: manifestTypes.ociManifest.toUpperCase() },
  { name: 'application/json', type: 'application/json; charset=utf-8' },
  { name: 'application/octet-stream', type: 'application/octet-stream' },
  { name: 'empty', type: '' },
]) {
  scenario(`a Content-Type that is ${name} is made out by the document`, {}, async (t) => {
    t.registry.inject({
      fault: 'headers',
      set: { 'content-type': type === '' ? undefined : type },
      on: { ...readSource, times: 9 },
    });
    await assertPublished(t, await publishLatest(t));
  });
}

const endless: readonly {
  readonly name: string;
  readonly fault: FaultSpec;
  readonly on: FaultMatch;
  readonly code?: string;
}[] = [
  { name: 'a manifest', fault: { fault: 'endless-body' }, on: readSource, code: 'TOO_LARGE' },
  { name: 'a config', fault: { fault: 'endless-body' }, on: readConfig, code: 'TOO_LARGE' },
  {
    name: 'the error of a read',
    fault: { fault: 'endless-error-body' },
    on: readSource,
    code: 'UNAVAILABLE',
  },
  {
    name: 'the refusal of a read',
    fault: { fault: 'endless-error-body', status: 403 },
    on: readSource,
    code: 'DENIED',
  },
  {
    name: 'the error of the push',
    fault: { fault: 'endless-error-body' },
    on: writeTag,
    code: 'UNAVAILABLE',
  },
  { name: 'the answer to the push', fault: { fault: 'endless-body' }, on: writeTag },
  { name: 'the read-back', fault: { fault: 'endless-body' }, on: readBack },
  { name: 'the error of the read-back', fault: { fault: 'endless-error-body' }, on: readBack },
  {
    name: 'the answer to a look at the tag',
    fault: { fault: 'endless-error-body' },
    on: lookAtTag,
  },
  {
    name: 'a redirect',
    fault: { fault: 'endless-error-body', status: 307 },
    on: readSource,
    code: 'REDIRECT',
  },
  {
    name: 'a demand for a login',
    fault: { fault: 'endless-error-body', status: 401 },
    on: readSource,
    code: 'CHALLENGE',
  },
  {
    name: 'a rate limit',
    fault: { fault: 'endless-error-body', status: 429 },
    on: readSource,
    code: 'RATE_LIMITED',
  },
];

for (const { name, fault, on, code } of endless) {
  scenario(`${name} without an end`, {}, async (t) => {
    t.registry.inject({ ...fault, on: { ...on, times: 99 } });
    const run = await publishLatest(t, measured);
    assertModest(run);
    if (code === undefined) return assertPublished(t, run);
    assertHelpful(await assertNothingMoved(t, run, code), t.registry.host);
  });
}

for (const fault of ['endless-body', 'endless-error-body'] as const) {
  scenario(`many answers without an end at once (${fault})`, {}, async (t) => {
    const images = Array.from({ length: 40 }, (_, at) =>
      makeImage({ os: 'linux', architecture: `cpu${at}` }),
    );
    for (const [at, other] of images.entries()) await t.push(`app:image-${at}`, other);
    t.registry.inject({ fault, on: { method: 'GET', path: /\/image-/, times: 9999 } });
    const sources = images.map((_, at) => t.ref(`app:image-${at}`)).join('\n');
    const run = await publishLatest(t, { ...measured, inputs: { sources } });
    assertModest(run);
    await assertNothingMoved(t, run, fault === 'endless-body' ? 'TOO_LARGE' : 'UNAVAILABLE');
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

scenario('a read-back that always gives other bytes is no success', {}, async (t) => {
  t.registry.inject({ fault: 'other-bytes', on: { ...readBack, times: 99 } });
  const run = await publishLatest(t, hurriedly);
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(run.stdout, /\[CORRUPTED\]/);
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
