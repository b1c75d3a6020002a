/** Copies when something goes wrong: what is interrupted goes on, what is wrong never arrives. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../support/fault-spec.ts';
import type { TestContent } from '../support/images.ts';
import type { TestRegistry } from '../support/registry.ts';
import type { RegistryOptions } from '../support/registry-options.ts';
import type { ActionRun } from '../support/run-action.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import type { FaultMatch } from '../support/wire.ts';
import {
  assertHolds,
  assertRefused,
  bothOf,
  breakAfter,
  cutAfter,
  hasty,
  largeBlobOf,
  largeImage,
  mebibyte,
  oneByteOff,
  requestsOf,
  uploadsOf,
} from './copy-cases.ts';
import { errorOf } from './evidence.ts';

const image = largeImage('linux/amd64', 4 * mebibyte);
const layer = largeBlobOf(image);
const encoded = encodeURIComponent(layer);

interface Copied {
  readonly from: TestRegistry;
  readonly to: TestRegistry;
  readonly run: ActionRun;
}

/** Copies the image while faults are on. */
async function copyWith(
  t: Scenario<TestRegistry>,
  faults: (from: TestRegistry, to: TestRegistry) => void,
  content: TestContent = image,
): Promise<Copied> {
  const [from, to] = bothOf(t);
  for (const [digest, blob] of content.blobs) from.addBlob('staging', { ...blob, digest });
  await t.push('staging:1', content, from);
  faults(from, to);
  const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1', from) });
  return { from, to, run };
}

interface Survived {
  readonly name: string;
  readonly at: 'source' | 'target';
  readonly fault: FaultSpec;
  readonly on: FaultMatch;
}

const readLayer: FaultMatch = { method: 'GET', path: new RegExp(layer) };
const putLayer: FaultMatch = { method: 'PUT', path: new RegExp(`digest=${encoded}`) };
const openUpload: FaultMatch = { method: 'POST', path: /uploads\// };

const survived: readonly Survived[] = [
  { name: 'a read that is reset', at: 'source', fault: { fault: 'reset' }, on: readLayer },
  { name: 'a read that breaks in the middle', at: 'source', fault: cutAfter(2 * mebibyte), on: readLayer },
  {
    name: 'a read that breaks four times',
    at: 'source',
    fault: cutAfter(mebibyte / 2),
    on: { ...readLayer, times: 4 },
  },
  { name: 'wrong bytes, once', at: 'source', fault: oneByteOff, on: readLayer },
  { name: 'an overloaded source', at: 'source', fault: { fault: 'status', status: 503 }, on: readLayer },
  { name: 'an upload that is reset', at: 'target', fault: { fault: 'reset' }, on: putLayer },
  {
    name: 'an upload that is reset three times',
    at: 'target',
    fault: { fault: 'reset' },
    on: { ...putLayer, times: 3 },
  },
  { name: 'an upload that breaks in the middle', at: 'target', fault: breakAfter(mebibyte), on: putLayer },
  { name: 'a refusal before the bytes were read', at: 'target', fault: hasty, on: putLayer },
  { name: 'an upload that is not answered', at: 'target', fault: { fault: 'fin' }, on: putLayer },
  {
    name: 'an upload that took effect unseen',
    at: 'target',
    fault: { fault: 'reset-after-store' },
    on: putLayer,
  },
  { name: 'a failing upload', at: 'target', fault: { fault: 'status', status: 500 }, on: putLayer },
  {
    name: 'an upload that is forgotten',
    at: 'target',
    fault: { fault: 'status', status: 404, code: 'BLOB_UPLOAD_UNKNOWN' },
    on: putLayer,
  },
  {
    name: 'bytes that change on the way',
    at: 'target',
    fault: { fault: 'status', status: 400, code: 'DIGEST_INVALID' },
    on: putLayer,
  },
  {
    name: 'a rate limit',
    at: 'target',
    fault: { fault: 'rate-limit', form: 'seconds', seconds: 1 },
    on: putLayer,
  },
  { name: 'a token that ends between', at: 'target', fault: { fault: 'unauthorized' }, on: putLayer },
  {
    name: 'an upload that does not open at once',
    at: 'target',
    fault: { fault: 'reset' },
    on: { ...openUpload, times: 2 },
  },
  {
    name: 'success in other words',
    at: 'target',
    fault: { fault: 'success-status', status: 200 },
    on: putLayer,
  },
  { name: 'a digest left out', at: 'target', fault: { fault: 'no-digest-header' }, on: putLayer },
  { name: 'a wrong digest said', at: 'target', fault: { fault: 'wrong-digest-header' }, on: putLayer },
  {
    name: 'blobs that a registry sees late',
    at: 'target',
    fault: { fault: 'status', status: 400, code: 'MANIFEST_BLOB_UNKNOWN' },
    on: { method: 'PUT', path: /manifests\/sha256:/ },
  },
];

for (const { name, at, fault, on } of survived) {
  const auth = name.includes('token') ? ({ auth: 'bearer' } as const) : {};
  scenario(`survived: ${name}`, { registries: 2, ...auth }, async (t) => {
    const [from, to] = bothOf(t);
    await t.push('staging:1', image, from);
    (at === 'source' ? from : to).inject({ ...fault, on });
    const run = await t.publish({
      tags: t.ref('app:1', to),
      sources: t.ref('staging:1', from),
      'registry-auth': t.registryAuth,
    });
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(to, 'app', image);
    assert.equal(to.tags('app')['1'], run.outputs['digest']);
    assert.equal(to.openUploads, 0);
  });
}

scenario('a read that broke goes on where it stopped', { registries: 2 }, async (t) => {
  const { from, to } = await copyWith(t, (source) =>
    source.inject({ ...cutAfter(2 * mebibyte), on: readLayer }),
  );
  const reads = requestsOf(from, 'GET', layer);
  assert.match(String(reads[1]?.headers.range), /^bytes=[1-9]\d+-$/);
  assert.equal(requestsOf(to, 'PUT', `digest=${encoded}`).length, 1);
});

scenario('an upload that took effect unseen is not made again', { registries: 2 }, async (t) => {
  const { to } = await copyWith(t, (_, target) =>
    target.inject({ fault: 'reset-after-store', on: putLayer }),
  );
  assert.equal(requestsOf(to, 'PUT', `digest=${encoded}`).length, 1);
});

scenario('wrong bytes never arrive', { registries: 2 }, async (t) => {
  const { to, run } = await copyWith(t, (source) =>
    source.inject({ ...oneByteOff, on: { ...readLayer, times: 100 } }),
  );
  assertRefused(run, to, 'app');
  assert.equal(to.hasBlob('app', layer), false);
  assert.equal(to.manifest('app', image.digest), undefined);
  assert.equal(uploadsOf(to, layer), 0);
  assert.equal(to.openUploads, 0);
  assert.match(errorOf(run)[0] ?? '', /staging: content of sha256:\S+ has the digest .*\[CORRUPTED\]$/);
});

scenario(
  'a registry that lets everything in does not get wrong bytes either',
  { registries: 2 },
  async (t) => {
    const acceptAll: FaultSpec = {
      fault: 'custom',
      apply: async ({ request }) => {
        for await (const _ of request.body);
        return { status: 201, headers: {} };
      },
    };
    const { to, run } = await copyWith(t, (source, target) => {
      source.inject({ ...oneByteOff, on: { ...readLayer, times: 100 } });
      target.inject({ ...acceptAll, on: { ...putLayer, times: 100 } });
    });
    assertRefused(run, to, 'app');
    assert.ok(requestsOf(to, 'PUT', `digest=${encoded}`).every(({ received }) => received < 4 * mebibyte));
  },
);

scenario('a layer that the source lost is an error', { registries: 2 }, async (t) => {
  const { to, run } = await copyWith(t, (source) =>
    source.inject({ fault: 'status', status: 404, code: 'BLOB_UNKNOWN', on: { ...readLayer, times: 100 } }),
  );
  assertRefused(run, to, 'app');
  assert.match(errorOf(run)[0] ?? '', /linux\/amd64 from \S+\/staging: .* did not find .*\[NOT_FOUND\]$/);
});

scenario('an upload is not led to another origin', { registries: 3 }, async (t) => {
  const other = t.registries[2];
  const origin = other?.url ?? '';
  const { to, run } = await copyWith(t, (_, target) =>
    target.inject({ fault: 'location', form: { origin }, on: { ...openUpload, times: 100 } }),
  );
  assertRefused(run, to, 'app');
  assert.deepEqual(other?.wire, []);
  assert.match(errorOf(run)[0] ?? '', /named a location elsewhere, .* for an upload .*\[LOCATION\]$/);
});

scenario('an upload without a Location is an error', { registries: 2 }, async (t) => {
  const { to, run } = await copyWith(t, (_, target) =>
    target.inject({ fault: 'location', form: 'missing', on: { ...openUpload, times: 100 } }),
  );
  assertRefused(run, to, 'app');
  assert.match(errorOf(run)[0] ?? '', /named no usable location for an upload/);
});

scenario('a page for people is no upload', { registries: 2 }, async (t) => {
  const { to, run } = await copyWith(t, (_, target) =>
    target.inject({ fault: 'captive-portal', on: { ...putLayer, times: 100 } }),
  );
  assertRefused(run, to, 'app');
  assert.match(errorOf(run)[0] ?? '', /\[NOT_A_REGISTRY\]$/);
});

const large = largeImage('linux/amd64', 20 * mebibyte, 3);
const largeLayer = largeBlobOf(large);
const chunked: RegistryOptions = { maxUploadBody: 8 * mebibyte };

scenario(
  'a blob that is too large for one request goes in chunks',
  { registries: 2, registry: chunked },
  async (t) => {
    const { to, run } = await copyWith(t, () => undefined, large);
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(to, 'app', large);
    const ranges = requestsOf(to, 'PATCH', '/uploads/').map(({ headers }) => headers['content-range']);
    assert.deepEqual(ranges, ['0-8388607', '8388608-16777215', '16777216-20971519']);
    assert.equal(uploadsOf(to, largeLayer), 1);
    assert.equal(to.openUploads, 0);
  },
);

scenario(
  'a registry that asks for chunks gets them, no smaller than it says',
  { registries: 2 },
  async (t) => {
    const least = String(9 * mebibyte);
    const { to, run } = await copyWith(
      t,
      (_, target) =>
        target.inject({
          fault: 'headers',
          set: { 'oci-chunk-min-length': least },
          on: { ...openUpload, times: 100 },
        }),
      large,
    );
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(to, 'app', large);
    assert.deepEqual(
      requestsOf(to, 'PATCH', '/uploads/').map(({ received }) => received),
      [9 * mebibyte, 9 * mebibyte, 2 * mebibyte],
    );
  },
);

scenario('a chunk that fails starts the blob over', { registries: 2, registry: chunked }, async (t) => {
  const { to, run } = await copyWith(
    t,
    (_, target) => target.inject({ fault: 'reset', on: { method: 'PATCH', path: /uploads/, nth: 2 } }),
    large,
  );
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(to, 'app', large);
  assert.equal(to.openUploads, 0);
});

scenario(
  'a chunk that is too large is an error',
  { registries: 2, registry: { maxUploadBody: mebibyte } },
  async (t) => {
    const { to, run } = await copyWith(t, () => undefined, large);
    assertRefused(run, to, 'app');
    assert.match(errorOf(run)[0] ?? '', /too large .*\[TOO_LARGE\]$/);
    assert.equal(requestsOf(to, 'PATCH', '/uploads/').length, 1);
  },
);

scenario(
  'a registry that restarts in the middle gets the image nonetheless',
  { registries: 2 },
  async (t) => {
    const { to, run } = await copyWith(t, (_, target) =>
      target.inject({ fault: 'restart', milliseconds: 1000, on: putLayer }),
    );
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(to, 'app', image);
  },
);
