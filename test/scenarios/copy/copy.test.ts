/** Copies between repositories and registries. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { bigBlob } from '../../support/images/layers.ts';
import { requestRegistry } from '../../support/registry/registry-request.ts';
import { scenario } from '../../support/run/scenario.ts';
import { everywhere } from '../evidence.ts';
import {
  assertHolds,
  bothOf,
  largeBlobOf,
  largeImage,
  mebibyte,
  requestsOf,
  uploadsOf,
} from './copy-cases.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('images of another registry become one list here', { ...everywhere, registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  await t.push('staging:amd64', amd64, from);
  await t.push('staging:arm64', arm64, from);
  const run = await t.publish({
    tags: t.ref('app:1', to),
    sources: `${t.ref('staging:amd64', from)}\n${t.ref('staging:arm64', from)}`,
  });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal((await t.served('app:1', to))?.digest, run.outputs['digest']);
  for (const image of [amd64, arm64]) {
    assert.deepEqual((await t.served(`app@${image.digest}`, to))?.bytes, image.bytes);
    for (const digest of image.blobs.keys()) {
      const path = `/v2/${t.ref('app', to).slice(to.host.length + 1)}/blobs/${digest}`;
      const read = await requestRegistry(to, { method: 'HEAD', path });
      assert.equal(read.status, 200);
    }
  }
  assert.match(run.stdout, /Copied linux\/arm64 from \S+\/staging to \S+\/app: 2 blobs, /);
  assert.match(run.stdout, /Copied to \S+\/app in total: 2 manifests, 4 blobs, /);
});

const wholes: Readonly<Record<string, TestContent>> = {
  'a list': makeIndex([amd64, arm64], { attestations: true, annotations: { 'org.example': 'kept' } }),
  'a sole image': largeImage(),
  // No server listens there: fetching the layer would fail the run.
  'an image with a foreign layer': makeImage('windows/amd64', { foreignUrls: ['http://127.0.0.1:9/layer'] }),
};

for (const [name, content] of Object.entries(wholes)) {
  scenario(`${name} of another registry is tagged as it is`, { registries: 2 }, async (t) => {
    const [from, to] = bothOf(t);
    await t.push('staging:1', content, from);
    const inputs = { tags: t.ref('app:1', to), sources: t.ref('staging:1', from), 'prefer-index': 'false' };
    const run = await t.publish(inputs);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.outputs['digest'], content.digest);
    assertHolds(to, 'app', content);
  });
}

scenario('the images of a list inside a list go along', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  await t.push('staging:1', makeIndex([amd64, { content: makeIndex([arm64]), platform: null }]), from);
  const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1', from) });
  assert.equal(run.exitCode, 0, run.stdout);
  for (const image of [amd64, arm64]) assertHolds(to, 'app', image);
});

scenario('within a registry blobs are mounted, not moved', {}, async (t) => {
  const image = largeImage();
  await t.push('staging:1', image);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('staging:1') });
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(t.registry, 'app', image);
  const mounts = requestsOf(t.registry, 'POST', 'mount=');
  assert.equal(mounts.length, image.blobs.size);
  assert.ok(mounts.every(({ outcome }) => outcome === 201));
  assert.equal(requestsOf(t.registry, 'GET', largeBlobOf(image)).length, 0);
  assert.match(run.stdout, /Copied linux\/amd64 .*: 3 blobs \(3 mounted\)/);
});

for (const auth of ['basic', 'bearer'] as const) {
  const wish = { ...everywhere, auth, repositories: ['staging', 'app'] };
  scenario(
    `a mount with ${auth} authentication reads the one and writes the other repository`,
    wish,
    async (t) => {
      await t.push('staging:1', amd64);
      const run = await t.publish({
        tags: t.ref('app:1'),
        sources: t.ref('staging:1'),
        'registry-auth': t.registryAuth,
      });
      assert.equal(run.exitCode, 0, run.stdout);
      assert.match(run.stdout, /2 blobs \(2 mounted\)/);
      assert.equal((await t.served('app:1'))?.digest, run.outputs['digest']);
    },
  );
}

scenario(
  'a registry that opens an upload for a mount gets the blob by it',
  { registry: { mount: false } },
  async (t) => {
    const image = largeImage();
    await t.push('staging:1', image);
    const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('staging:1') });
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(t.registry, 'app', image);
    assert.equal(requestsOf(t.registry, 'POST', '/v2/app/blobs/uploads/').length, image.blobs.size);
    assert.equal(t.registry.openUploads, 0);
  },
);

scenario('a mount that is refused becomes a copy', {}, async (t) => {
  const image = largeImage();
  await t.push('staging:1', image);
  t.registry.inject({ fault: 'status', status: 405, on: { method: 'POST', path: /mount=/, times: 100 } });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('staging:1') });
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(t.registry, 'app', image);
  assert.equal(t.registry.openUploads, 0);
});

scenario('content that the target holds is neither read nor written again', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  const layer = bigBlob(2 * mebibyte, 7);
  const old = makeImage('linux/amd64', { bigLayers: [layer], name: 'old' });
  const renewed = makeImage('linux/amd64', { bigLayers: [layer], name: 'renewed' });
  await t.push('app:0', old, to);
  await t.push('app:arm64', arm64, to);
  await t.push('staging:amd64', renewed, from);
  await t.push('staging:arm64', arm64, from);
  const run = await t.publish({
    tags: t.ref('app:1', to),
    sources: `${t.ref('staging:amd64', from)}\n${t.ref('staging:arm64', from)}`,
  });
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(to, 'app', renewed);
  assert.equal(requestsOf(from, 'GET', layer.digest).length, 0);
  assert.equal(requestsOf(to, 'PUT', `manifests/${arm64.digest}`).length, 0);
  assert.match(run.stdout, /linux\/arm64 is already in /);
  assert.match(run.stdout, /Copied linux\/amd64 .*\(1 already there\)/);
});

scenario('a layer that many images share goes over once', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  const layer = bigBlob(2 * mebibyte, 8);
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/s390x'];
  const index = makeIndex(platforms.map((platform) => makeImage(platform, { bigLayers: [layer] })));
  await t.push('staging:1', index, from);
  const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1', from) });
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(to, 'app', index);
  assert.equal(requestsOf(from, 'GET', layer.digest).length, 1);
  assert.equal(uploadsOf(to, layer.digest), 1);
});

scenario('one run serves several registries', { registries: 3 }, async (t) => {
  const [from, to] = bothOf(t);
  const third = t.registries[2] ?? to;
  const index = makeIndex([largeImage(), arm64]);
  await t.push('staging:1', index, from);
  const tags = [t.ref('app:1', to), t.ref('other/app:1', third), t.ref('released:1', from)];
  const run = await t.publish({ tags: tags.join('\n'), sources: t.ref('staging:1', from) });
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(to, 'app', index);
  assertHolds(third, 'other/app', index);
  assertHolds(from, 'released', index);
});

scenario(
  'two targets of one registry get a blob by one upload and one mount',
  { registries: 2 },
  async (t) => {
    const [from, to] = bothOf(t);
    const image = largeImage();
    await t.push('staging:1', image, from);
    const tags = [t.ref('app:1', to), t.ref('other/app:1', to), t.ref('third:1', to)];
    const run = await t.publish({ tags: tags.join('\n'), sources: t.ref('staging:1', from) });
    assert.equal(run.exitCode, 0, run.stdout);
    for (const repository of ['app', 'other/app', 'third']) assertHolds(to, repository, image);
    assert.equal(requestsOf(from, 'GET', largeBlobOf(image)).length, 1);
    assert.equal(uploadsOf(to, largeBlobOf(image)), 1);
    assert.match(run.stdout, /Copied to \S+\/third in total: 1 manifest, 3 blobs \(3 mounted\)/);
  },
);

scenario('when one target refuses, it is named and no tag moves anywhere', { registries: 3 }, async (t) => {
  const [from, to] = bothOf(t);
  const third = t.registries[2] ?? to;
  await t.push('staging:1', makeIndex([amd64, arm64]), from);
  third.inject({ fault: 'status', status: 403, code: 'DENIED', on: { method: 'POST', times: 100 } });
  const tags = [t.ref('app:1', to), t.ref('other/app:1', third)];
  const run = await t.publish({ tags: tags.join('\n'), sources: t.ref('staging:1', from) });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(
    run.stdout,
    new RegExp(`::error title=[^:]+::Copying to ${third.host}/other/app failed: .* denied `),
  );
  assert.deepEqual(to.tags('app'), {});
  assert.deepEqual(third.tags('other/app'), {});
});

scenario(
  'memory does not grow with the image',
  { registries: 2, registry: { discardBlobs: true } },
  async (t) => {
    const [from, to] = bothOf(t);
    const peaks: number[] = [];
    for (const size of [32, 320]) {
      const layers = [1, 2, 3, 4].map((seed) => bigBlob((size / 4) * mebibyte, size + seed));
      const image = makeImage('linux/amd64', { bigLayers: layers, name: `large-${size}` });
      for (const [digest, blob] of image.blobs) from.addBlob('staging', { ...blob, digest });
      await t.push(`staging:${size}`, image, from);
      const inputs = { tags: t.ref(`app:${size}`, to), sources: t.ref(`staging:${size}`, from) };
      const run = await t.publish(inputs, { manner: 'process' });
      assert.equal(run.exitCode, 0, run.stdout);
      if (run.peakRssBytes !== undefined) peaks.push(run.peakRssBytes / mebibyte);
    }
    const [small = 0, large = 0] = peaks;
    assert.ok(large < small + 40, `${small} MiB for 32 MiB of layers, ${large} for ten times as much`);
  },
);

scenario(
  'large blobs have connections of their own',
  { registries: 2, tls: true, registry: { http2: true } },
  async (t) => {
    const [from, to] = bothOf(t);
    const layers = [1, 2, 3].map((seed) => bigBlob(2 * mebibyte, seed));
    await t.push('staging:1', makeImage('linux/amd64', { bigLayers: layers, layers: 4 }), from);
    const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1', from) });
    assert.equal(run.exitCode, 0, run.stdout);
    const reads = layers.flatMap(({ digest }) => requestsOf(from, 'GET', digest));
    assert.equal(new Set(reads.map(({ connection }) => connection)).size, 3);
    assert.equal(from.connections, 4);
  },
);
