import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlobCopier } from '../../../../src/pipeline/copy/blobs.ts';
import { ManifestCopier } from '../../../../src/pipeline/copy/manifests.ts';
import { transferLimits } from '../../../../src/pipeline/copy/transfer-limit.ts';
import { makeImage, makeIndex } from '../../../support/images.ts';
import { headers } from '../../registry/client-rig.ts';
import { MemoryRegistry, manifestOf, repositoryOf } from '../../registry/memory-registry.ts';
import { contextOf, home } from '../push-rig.ts';
import { storeOf } from '../source-rig.ts';

// A list without entries: no blobs, nothing under it.
const list = makeIndex([]);

function copierTo(registry: MemoryRegistry): ManifestCopier {
  const { signal } = new AbortController();
  const transfers = { neighbour: undefined, limit: transferLimits()(), signal };
  const context = contextOf(registry);
  return new ManifestCopier(new BlobCopier(repositoryOf(home), transfers, context), context);
}

async function pushedTo(registry: MemoryRegistry): Promise<number> {
  const copier = copierTo(registry);
  const content = { manifest: manifestOf(list), store: storeOf([list]), label: 'the list', children: [] };
  await copier.ensure([content]);
  return copier.copied;
}

test('what the repository holds is not pushed', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, list);
  assert.equal(await pushedTo(registry), 0);
  assert.deepEqual(registry.writes, []);
});

test('an answer that names another digest is no proof that the manifest is there', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, list);
  const { digest } = makeImage('linux/s390x');
  registry.trouble(headers('HEAD', { 'docker-content-digest': digest }));
  assert.equal(await pushedTo(registry), 1);
  assert.deepEqual(registry.writes, [`PUT /v2/acme/app/manifests/${list.digest}`]);
});
