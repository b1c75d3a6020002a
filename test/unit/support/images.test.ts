import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import {
  makeArtifact,
  makeAttestation,
  makeImage,
  makeIndex,
  type TestContent,
} from '../../support/images/images.ts';
import { bigBlob, gzipStored } from '../../support/images/layers.ts';
import { pushImage } from '../../support/registry/push-image.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { requestRegistry } from '../../support/registry/registry-request.ts';
import { digestText } from '../../support/registry/registry-store.ts';
import { skipWithout } from '../../support/wire/programs.ts';

const run = promisify(execFile);

async function configOf(image: TestContent): Promise<Record<string, unknown>> {
  const blob = image.blobs.get(image.document.config?.digest ?? '');
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob?.read?.(0, blob.size) ?? []) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

test('the same image has the same bytes, everywhere and always', () => {
  assert.equal(makeImage('linux/arm/v7').digest, makeImage('linux/arm/v7').digest);
  assert.notEqual(makeImage('linux/arm/v7').digest, makeImage('linux/arm/v6').digest);
  assert.notEqual(
    makeImage('linux/amd64', { name: 'a' }).digest,
    makeImage('linux/amd64', { name: 'b' }).digest,
  );
  assert.equal(
    makeImage('linux/amd64', { types: 'docker' }).digest,
    'sha256:87f5bdcf4779643a7f55faaf0a09e56009770f0106ab759252c59d6f2e765ee0',
  );
});

test('configs say the platform, something else, or nothing', async () => {
  const windows = {
    os: 'windows',
    architecture: 'amd64',
    'os.version': '10.0.20348.1',
    'os.features': ['win32k'],
  };
  assert.equal((await configOf(makeImage(windows)))['os.version'], '10.0.20348.1');
  const without = { os: 'linux', architecture: 'arm' };
  assert.equal(
    (await configOf(makeImage('linux/arm/v7', { configPlatform: without })))['variant'],
    undefined,
  );
  assert.equal((await configOf(makeImage('linux/arm', { configPlatform: null })))['os'], undefined);
});

test('indexes list attestations after the images, as buildx does', () => {
  const image = makeImage('linux/amd64');
  const index = makeIndex([image], { attestations: true });
  const [first, second] = index.document.manifests ?? [];
  assert.deepEqual(first?.platform, { architecture: 'amd64', os: 'linux' });
  assert.equal(second?.digest, makeAttestation(image).digest);
  assert.equal(second?.annotations?.['vnd.docker.reference.digest'], image.digest);
});

test('stored gzip is gzip, also beyond one block', () => {
  for (const size of [0, 1, 65_535, 65_536, 200_000]) {
    const bytes = Buffer.alloc(size, 'gzip');
    assert.deepEqual(gunzipSync(gzipStored(bytes)), bytes);
  }
});

test('big blobs read the same in any pieces and are never held', async () => {
  const blob = bigBlob(3 * 1024 * 1024 + 5, 7);
  const parts: Uint8Array[] = [];
  for (const [start, end] of [
    [0, 1000],
    [1000, 2_500_000],
    [2_500_000, blob.size],
  ] as const)
    for await (const chunk of blob.read?.(start, end) ?? []) parts.push(chunk);
  assert.equal(digestText(Buffer.concat(parts)), blob.digest);
  assert.notEqual(bigBlob(1000, 1).digest, bigBlob(1000, 2).digest);
});

test('foreign layers are pointed at and not pushed', async () => {
  await using registry = await startRegistry();
  const image = makeImage('windows/amd64', { types: 'docker', foreignUrls: ['https://layers.invalid/base'] });
  await pushImage(registry, 'app', '1', image);
  const [foreign] = image.document.layers ?? [];
  assert.equal(registry.hasBlob('app', foreign?.digest ?? ''), false);
});

test('an image with a big layer passes through the wire', async () => {
  await using registry = await startRegistry({ discardBlobs: true });
  const layer = bigBlob(8 * 1024 * 1024, 1);
  await pushImage(registry, 'app', '1', makeImage('linux/amd64', { bigLayers: [layer] }));
  const head = await requestRegistry(registry, { method: 'HEAD', path: `/v2/app/blobs/${layer.digest}` });
  assert.equal(head.headers['content-length'], String(layer.size));
});

test('artifacts refer to their subject', () => {
  const image = makeImage();
  const artifact = makeArtifact({ artifactType: 'application/x.signature', subject: image });
  assert.equal(artifact.document.subject?.digest, image.digest);
  const older = makeArtifact({ artifactType: 'application/x.signature', typeInConfig: true });
  assert.equal(older.document.config?.mediaType, 'application/x.signature');
});

const clients = { skip: skipWithout('skopeo') };

test('skopeo unpacks and repacks the images', clients, async () => {
  await using registry = await startRegistry();
  await pushImage(registry, 'app', '1', makeImage('linux/amd64', { layers: 2 }));
  const at = (name: string) => `docker://${registry.host}/${name}`;
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false', '--dest-compress-format=gzip'];
  await run('skopeo', ['copy', ...insecure, '--format=v2s2', at('app:1'), at('converted:1')]);
  const { stdout } = await run('skopeo', ['inspect', '--tls-verify=false', at('converted:1')]);
  assert.equal(JSON.parse(stdout).Layers.length, 2);
});
