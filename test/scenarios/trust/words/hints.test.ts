/** Hints that fit what went wrong: 405, archives that are no layout, certificates by port, tags that are nearly right. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import { startRegistry } from '../../../support/registry/registry.ts';
import { layoutOf, packTar, type TarItem, tarItems } from '../../../support/rigs/layout-writer.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { serverTls } from '../../../support/tls/tls.ts';
import { assertNothingDone, errorOf } from '../../evidence.ts';

const image = makeImage('linux/amd64');

scenario('a registry that takes no pushes at all (405) is named for what it is', {}, async (t) => {
  await t.push('app:amd64', image);
  t.registry.inject({ fault: 'status', status: 405, code: 'UNSUPPORTED', on: { method: 'PUT', times: 99 } });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
  assert.equal(run.exitCode, 1, run.stdout);
  const said = errorOf(run).join('\n');
  assert.match(said, /405/);
  assert.match(said, /read-only|read only|mirror|pull-through|cache/i);
  assert.doesNotMatch(said, /format: docker/);
});

const config = 'a'.repeat(64);
const saved = [{ Config: `${config}.json`, RepoTags: ['app:1'], Layers: [`${'b'.repeat(64)}/layer.tar`] }];

const archives: Readonly<Record<string, { readonly files: Record<string, string>; readonly says: RegExp }>> =
  {
    'docker save': {
      files: { 'manifest.json': JSON.stringify(saved), [`${config}.json`]: '{}', repositories: '{}' },
      says: /docker save.*(?:type=oci|skopeo|containerd)/s,
    },
    'podman save': {
      files: {
        'manifest.json': JSON.stringify([{ ...saved[0], Layers: [`${'b'.repeat(64)}.tar`] }]),
        [`${config}.json`]: '{}',
      },
      says: /podman save.*--format oci-archive/s,
    },
  };

for (const [tool, { files, says }] of Object.entries(archives)) {
  scenario(`an archive of ${tool} is named for what it is`, {}, async (t) => {
    // These tools write their links before manifest.json.
    const link: TarItem = { name: `${config}/layer.tar`, type: 'symlink', linkname: '../layer.tar' };
    const items = [link, ...Object.entries(files).map(([name, content]) => ({ name, content }))];
    const workspace = { 'image.tar': await packTar(items) };
    const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci-archive:image.tar' }, { workspace });
    await assertNothingDone(t, run, ['app:1']);
    const said = errorOf(run).join('\n');
    assert.match(said, /\[SOURCE_ARCHIVE\]/);
    assert.match(said, says);
  });
}

scenario('an archive of docker save that is a layout as well is taken', {}, async (t) => {
  const layout = await layoutOf([image]);
  const items = [...tarItems(layout), { name: 'manifest.json', content: JSON.stringify(saved) }];
  const workspace = { 'image.tar': await packTar(items) };
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'oci-archive:image.tar' }, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
});

scenario(
  'a certificate that nobody trusts: the hint names the directory with the port',
  { registries: 0 },
  async (t) => {
    const registry = await startRegistry({ tls: serverTls(), name: 'localhost' });
    t.test.after(() => registry.close());
    const name = t.ref('app', registry);
    const run = await t.publish({ tags: `${name}:1`, sources: `${name}:amd64`, 'insecure-registries': '' });
    assert.equal(run.exitCode, 1, run.stdout);
    const said = errorOf(run).join('\n');
    assert.match(said, /\[TLS\]/);
    assert.ok(said.includes(`certs.d/${registry.host}/`), said);
  },
);

const listings = /\/tags\/list/;

scenario('a missing tag that is nearly another', {}, async (t) => {
  for (const tag of ['1.2.3-amd64', '1.2.3-arm64', 'latest']) await t.push(`app:${tag}`, image);
  const sources = `${t.ref('app:1.2.3-arm46')}\n${t.ref('app:1.2.3-amd64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, 'wait-for-sources': '0' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /[Dd]id you mean \S*1\.2\.3-arm64\b/);
  assert.equal(t.registry.wire.filter(({ path }) => listings.test(path)).length, 1);
});

scenario('a missing tag that is like no other', {}, async (t) => {
  await t.push('app:latest', image);
  const run = await t.publish({
    tags: t.ref('app:1'),
    sources: t.ref('app:1.2.3-arm64'),
    'wait-for-sources': '0',
  });
  assert.match(errorOf(run).join('\n'), /\[SOURCE_MISSING\]/);
  assert.doesNotMatch(errorOf(run).join('\n'), /did you mean/i);
});

scenario('a registry that lists no tags changes nothing of the error', {}, async (t) => {
  await t.push('app:1.2.3-arm64', image);
  t.registry.inject({ fault: 'status', status: 200, body: '<html>', on: { path: listings, times: 99 } });
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:1.2.3-arm46'), 'wait-for-sources': '0' };
  const run = await t.publish(inputs);
  assert.match(errorOf(run).join('\n'), /1\.2\.3-arm46.*\[SOURCE_MISSING\]/s);
});

scenario('tags are not listed page by page', { registry: { pageSize: 1 } }, async (t) => {
  for (const tag of ['1.2.3-amd64', '1.2.3-arm64']) await t.push(`app:${tag}`, image);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:1.2.3-arm46'), 'wait-for-sources': '0' };
  const run = await t.publish(inputs);
  assert.match(errorOf(run).join('\n'), /\[SOURCE_MISSING\]/);
  assert.ok(t.registry.wire.filter(({ path }) => listings.test(path)).length <= 1);
});
