/** Content that no honest registry serves: refused by name, with bounded memory, before anything is written. */
import assert from 'node:assert/strict';
import { manifestTypes } from '../../support/images/manifest-document.ts';
import { scenario } from '../../support/run/scenario.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import {
  amd64,
  assertHelpful,
  assertModest,
  assertNothingMoved,
  assertPublished,
  lookAtTag,
  measured,
  publishLatest,
  readBack,
  readConfig,
  readSource,
  requestsOf,
} from './scene.ts';

const image = amd64.document as unknown as Readonly<Record<string, unknown>>;

interface Hostile {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly type: string;
  /** Default SOURCE_NOT_AN_IMAGE. */
  readonly code?: string;
}

const json = (value: unknown): string => JSON.stringify(value);
const hostile: readonly Hostile[] = [
  { name: 'an OCI image called a Docker image', body: amd64.bytes, type: manifestTypes.dockerManifest },
  { name: 'a hundred thousand brackets', body: '['.repeat(100_000), type: manifestTypes.ociManifest },
  {
    name: 'a media type of a megabyte',
    body: json({ ...image, mediaType: 'x'.repeat(1_000_000) }),
    type: manifestTypes.ociManifest,
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
