import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlobCopier, transferLimits } from '../../../../src/pipeline/copy/blobs.ts';
import { ManifestCopier } from '../../../../src/pipeline/copy/manifests.ts';
import { NetworkError } from '../../../../src/run/errors.ts';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { headers } from '../../../support/rigs/client-rig.ts';
import { MemoryRegistry, manifestOf, repositoryOf } from '../../../support/rigs/memory-registry.ts';
import { contextOf, home } from '../../../support/rigs/push-rig.ts';
import { storeOf } from '../../../support/rigs/source-rig.ts';

// A list without entries: no blobs, no children.
const list = makeIndex([]);

function copierTo(registry: MemoryRegistry): ManifestCopier {
  const { signal } = new AbortController();
  const context = contextOf(registry);
  return new ManifestCopier(
    new BlobCopier(repositoryOf(home), undefined, transferLimits()(), signal, context),
    context,
  );
}

test('a failed look-up names the manifest, also when several are looked up at once', async () => {
  const registry = new MemoryRegistry();
  const images = ['linux/amd64', 'linux/arm64'].map((platform) => makeImage(platform));
  const contents = images.map((image, at) => ({
    manifest: manifestOf(image),
    store: storeOf(images),
    label: `image ${at}`,
    children: [],
  }));
  registry.trouble((request) => {
    if (request.url.pathname.endsWith(images[1]?.digest ?? '')) throw new NetworkError('CONNECTION', 'broke');
    return undefined;
  });
  await assert.rejects(copierTo(registry).ensure(contents), {
    code: 'CONNECTION',
    message: /^image 1 from ghcr\.io\/acme\/app: broke/,
  });
  assert.deepEqual(registry.writes, []);
});

async function pushedTo(registry: MemoryRegistry): Promise<number> {
  const copier = copierTo(registry);
  const content = { manifest: manifestOf(list), store: storeOf([list]), label: 'the list', children: [] };
  await copier.ensure([content]);
  return copier.copied;
}

test('a manifest that the repository holds is not pushed', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, list);
  assert.equal(await pushedTo(registry), 0);
  assert.deepEqual(registry.writes, []);
});

test('a response that names another digest does not prove that the manifest exists', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, list);
  const { digest } = makeImage('linux/s390x');
  registry.trouble(headers('HEAD', { 'docker-content-digest': digest }));
  assert.equal(await pushedTo(registry), 1);
  assert.deepEqual(registry.writes, [`PUT /v2/acme/app/manifests/${list.digest}`]);
});
