/** Images that never were in a registry: from OCI layouts and archives to where they are published. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { bigBlob } from '../../support/images/layers.ts';
import { blobFile, layoutOf, packTar, tarItems } from '../../support/rigs/layout-writer.ts';
import type { Files } from '../../support/run/run-directory.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf } from '../evidence.ts';
import { assertHolds, assertRefused, bothOf, largeBlobOf, mebibyte, uploadsOf } from './copy-cases.ts';

const shared = bigBlob(2 * mebibyte, 4);
const amd64 = makeImage('linux/amd64', { bigLayers: [shared] });
const arm64 = makeImage('linux/arm64', { bigLayers: [shared] });
const index = makeIndex([amd64, arm64], { attestations: true });

const layout = await layoutOf([index]);
const archive = await packTar(tarItems(layout));

/** A layout as files of the workspace. */
function directory(files: ReadonlyMap<string, Buffer>): Files {
  return Object.fromEntries([...files].map(([name, bytes]) => [`build/${name}`, bytes]));
}

const kinds: readonly { readonly source: string; readonly workspace: Files }[] = [
  { source: 'oci:build', workspace: directory(layout) },
  { source: 'oci-archive:build.tar', workspace: { 'build.tar': archive } },
  { source: 'oci-archive:build.tar.gz', workspace: { 'build.tar.gz': gzipSync(archive, { level: 1 }) } },
];

for (const { source, workspace } of kinds) {
  scenario(`${source} is published whole, to several targets`, { registries: 2 }, async (t) => {
    const [one, other] = bothOf(t);
    const tags = [t.ref('app:1', one), t.ref('app:1', other), t.ref('more:1', other)];
    const run = await t.publish({ tags: tags.join('\n'), sources: source }, { workspace });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.outputs['digest'], index.digest);
    assertHolds(one, 'app', index);
    assertHolds(other, 'app', index);
    assertHolds(other, 'more', index);
    assert.equal(uploadsOf(one, shared.digest), 1);
    assert.equal(uploadsOf(other, shared.digest), 1);
  });
}

scenario('a layer with other bytes than its name never arrives', {}, async (t) => {
  const layer = largeBlobOf(amd64);
  const damaged = Buffer.from(layout.get(blobFile(layer)) ?? '');
  damaged[1] = (damaged[1] ?? 0) ^ 1;
  const workspace = directory(new Map([...layout, [blobFile(layer), damaged]]));
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci:build' }, { workspace });
  assertRefused(run, t.registry, 'app');
  assert.equal(t.registry.hasBlob('app', layer), false);
  assert.match(errorOf(run)[0] ?? '', new RegExp(`oci:build.*${layer.slice(7)}`));
});

scenario('a layer that the layout lacks is named', {}, async (t) => {
  const layer = largeBlobOf(amd64);
  const workspace = directory(new Map([...layout].filter(([name]) => name !== blobFile(layer))));
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci:build' }, { workspace });
  assertRefused(run, t.registry, 'app');
  assert.match(errorOf(run)[0] ?? '', new RegExp(`${layer.slice(7)}`));
});
