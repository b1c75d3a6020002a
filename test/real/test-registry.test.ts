/** skopeo and docker read, unpack and copy what the registry of the scenarios serves. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeImage, makeIndex } from '../support/images/images.ts';
import { pushImage } from '../support/registry/push-image.ts';
import { startRegistry } from '../support/registry/registry.ts';
import { skipWithout } from '../support/wire/programs.ts';

const run = promisify(execFile);
const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];

test('skopeo and docker take the test registry for a registry', {
  skip: skipWithout('skopeo', 'docker'),
}, async () => {
  await using registry = await startRegistry();
  const at = (name: string) => `docker://${registry.host}/${name}`;
  const images = [makeImage('linux/amd64', { layers: 2 }), makeImage('windows/amd64')];
  const index = makeIndex(images, { attestations: true });
  await pushImage(registry, 'app', '1', index);
  const raw = await run('skopeo', ['inspect', '--raw', '--tls-verify=false', at('app:1')]);
  assert.equal(raw.stdout, index.bytes.toString());
  await run('skopeo', ['copy', '--all', ...insecure, at('app:1'), at('copied/app:1')]);
  assert.equal(registry.tags('copied/app')['1'], index.digest);
  // The conversion unpacks every layer and packs it again.
  const repack = ['--format=v2s2', '--dest-compress-format=gzip', ...insecure];
  await run('skopeo', ['copy', ...repack, at(`app@${images[0]?.digest}`), at('converted:1')]);
  const converted = await run('skopeo', ['inspect', '--tls-verify=false', at('converted:1')]);
  assert.equal(JSON.parse(converted.stdout).Layers.length, 2);
  const seen = await run('docker', ['manifest', 'inspect', '--insecure', `${registry.host}/app:1`]);
  assert.equal(JSON.parse(seen.stdout).manifests.length, 4);
});
