/** Layouts and local drafts, which no registry has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { blobFile, layoutOf, packTar, refName, tarItems } from '../../support/rigs/layout-writer.ts';
import type { Files } from '../../support/run/run-directory.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const list = makeIndex([amd64, arm64]);

async function filesOf(directory: string, contents: readonly TestContent[]): Promise<Files> {
  const entries = contents.map(({ mediaType, digest, size }, at) => {
    return { mediaType, digest, size, annotations: { [refName]: `v${at + 1}` } };
  });
  const layout = await layoutOf(contents, entries);
  return Object.fromEntries([...layout].map(([path, bytes]) => [`${directory}/${path}`, bytes]));
}

scenario('a layout in a directory', { registries: 0 }, async (t) => {
  const workspace = await filesOf('out', [list]);
  const run = await t.inspect({ image: 'oci:out', 'expect-platforms': 'linux/arm64' }, { workspace });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['digest'], list.digest);
  assert.equal(run.outputs['image'], '');
  assert.deepEqual(readFileSync(run.outputs['json-file'] ?? ''), list.bytes);
});

scenario('an archive, compared with a list in a registry', {}, async (t) => {
  await t.push('app:1', makeIndex([amd64]));
  const archive = await packTar(tarItems(await layoutOf([list])));
  const inputs = { image: 'oci-archive:app.tar', 'compare-with': t.ref('app:1') };
  const run = await t.inspect(inputs, { workspace: { 'app.tar': archive } });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['differences'] ?? ''), [
    { change: 'added', platform: 'linux/arm64', digest: arm64.digest },
  ]);
});

scenario('a layout of several images', { registries: 0 }, async (t) => {
  const workspace = await filesOf('out', [list, amd64]);
  const run = await t.inspect({ image: 'oci:out' }, { workspace });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
  const one = await t.inspect({ image: 'oci:out:v2' }, { workspace });
  assert.equal(one.outputs['digest'], amd64.digest);
  const verbose = await t.inspect({ image: `oci:out@${list.digest}`, verbose: 'true' }, { workspace });
  assert.equal(JSON.parse(verbose.outputs['json'] ?? '').length, 2);
});

for (const image of ['oci:nowhere', 'oci-archive:out', 'docker-manifest:acme/app:1'])
  scenario(`there is no ${image}`, { registries: 0 }, async (t) => {
    const run = await t.inspect({ image }, { workspace: await filesOf('out', [list]) });
    t.snapshot(run);
    assert.equal(run.exitCode, 1);
    assert.match(errorOf(run)[0] ?? '', /^image: /);
  });

function draftFile(image: TestContent, raw: Uint8Array = image.bytes): string {
  const { mediaType, digest, size, platform } = image;
  return JSON.stringify({
    Ref: 'docker.io/acme/app:1-amd64',
    Descriptor: { mediaType, digest, size, platform },
    Raw: Buffer.from(raw).toString('base64'),
    OCIManifest: image.document,
  });
}

const draft = '.docker/manifests/docker.io_acme_app-1/docker.io_acme_app-1-amd64';

scenario('a draft is the list that docker would push', { registries: 0 }, async (t) => {
  const run = await t.inspect(
    { image: 'docker-manifest:acme/app:1' },
    { home: { [draft]: draftFile(amd64) } },
  );
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
});

scenario('a draft whose manifest was changed', { registries: 0 }, async (t) => {
  const home = { [draft]: draftFile(amd64, arm64.bytes) };
  const run = await t.inspect({ image: 'docker-manifest:acme/app:1' }, { home });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});

scenario('a layout that lacks a blob', { registries: 0 }, async (t) => {
  const { [`out/${blobFile(arm64.digest)}`]: _, ...workspace } = await filesOf('out', [list]);
  const run = await t.inspect({ image: 'oci:out' }, { workspace });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
});
