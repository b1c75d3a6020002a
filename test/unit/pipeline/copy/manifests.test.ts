import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlobCopier } from '../../../../src/pipeline/copy/blobs.ts';
import { ManifestCopier } from '../../../../src/pipeline/copy/manifests.ts';
import { CopyProgress } from '../../../../src/pipeline/copy/progress.ts';
import { transferLimits } from '../../../../src/pipeline/copy/transfer-limit.ts';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { headers } from '../../../support/rigs/client-rig.ts';
import { clientOf, MemoryRegistry, manifestOf, repositoryOf } from '../../../support/rigs/memory-registry.ts';
import { home } from '../../../support/rigs/push-rig.ts';
import { storeOf } from '../../../support/rigs/source-rig.ts';
import { Told } from '../../../support/rigs/wire-rig.ts';

// A list without entries: no blobs, nothing under it.
const list = makeIndex([]);

function copierTo(registry: MemoryRegistry): ManifestCopier {
  const { now, sleep } = registry.clock;
  const observer = new Told();
  const parts = { client: clientOf(registry), observer, target: repositoryOf(home), now, sleep };
  const blobs = new BlobCopier({
    ...parts,
    neighbour: undefined,
    progress: new CopyProgress('Copying', { observer, now }),
    limit: transferLimits()(),
    signal: new AbortController().signal,
    random: () => 0,
  });
  return new ManifestCopier({ ...parts, blobs });
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
