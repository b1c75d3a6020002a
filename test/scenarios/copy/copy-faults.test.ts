/** Copies when something goes wrong: what is interrupted goes on, what is wrong never arrives. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import type { TestContent } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { RegistryOptions } from '../../support/registry/registry-options.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import type { FaultMatch } from '../../support/wire/wire.ts';
import { errorOf } from '../evidence.ts';
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

// A sweep puts every fault on every request of copies. These need a blob that is streamed, or a login.
const survived: readonly Survived[] = [
  { name: 'a read that breaks in the middle', at: 'source', fault: cutAfter(2 * mebibyte), on: readLayer },
  { name: 'wrong bytes, once', at: 'source', fault: oneByteOff, on: readLayer },
  { name: 'an upload that breaks in the middle', at: 'target', fault: breakAfter(mebibyte), on: putLayer },
  { name: 'a refusal before the bytes were read', at: 'target', fault: hasty, on: putLayer },
  { name: 'a token that ends in between', at: 'target', fault: { fault: 'unauthorized' }, on: putLayer },
  {
    name: 'an upload that is forgotten',
    at: 'target',
    fault: { fault: 'status', status: 404, code: 'BLOB_UPLOAD_UNKNOWN' },
    on: putLayer,
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

scenario('a layer that the source lost is an error', { registries: 2 }, async (t) => {
  const { to, run } = await copyWith(t, (source) =>
    source.inject({ fault: 'status', status: 404, code: 'BLOB_UNKNOWN', on: { ...readLayer, times: 100 } }),
  );
  assertRefused(run, to, 'app');
  assert.match(errorOf(run)[0] ?? '', /linux\/amd64 from \S+\/staging: .* did not find .*\[NOT_FOUND\]$/);
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
