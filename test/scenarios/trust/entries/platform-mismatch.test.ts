/** `platform-mismatch: warn`: what was said wins over an image's config that is wrong. */
import assert from 'node:assert/strict';
import { describe, makeImage, makeIndex } from '../../../support/images/images.ts';
import type { RunOptions } from '../../../support/run/run-action.ts';
import { entriesOf, warningsOf } from '../../evidence.ts';
import { type Row, rows } from '../../rows.ts';

/** An image for arm64 that was built with the config of amd64. */
const image = makeImage('linux/amd64', { name: 'cross-built' });
const arm64 = { architecture: 'arm64', os: 'linux' };

const held = { 'app:built': image, 'app:riscv64': makeImage('linux/riscv64') };

/** The draft that `docker manifest create` and `annotate` leave for one image. */
function draft(host: string): RunOptions {
  const Ref = `${host}/app:built`;
  const document = {
    Ref,
    Descriptor: { ...describe(image), platform: arm64 },
    Raw: image.bytes.toString('base64'),
    OCIManifest: image.document,
  };
  const [list, name] = [`${host}/app:1`, Ref].map((each) => each.replaceAll('/', '_').replaceAll(':', '-'));
  return { home: { [`.docker/manifests/${list}/${name}`]: JSON.stringify(document) } };
}

/** Every way to state a platform, of an image whose config states another. */
const ways: Readonly<Record<string, Row>> = {
  'a line': { held, sources: '~/app:built linux/arm64' },
  'keys of a line': { held, sources: '~/app:built arch=arm64' },
  'a descriptor': { held, sources: JSON.stringify({ ...describe(image), platform: arm64 }) },
  'an entry of a list': {
    held: { ...held, 'app:list': makeIndex([{ content: image, platform: arm64 }]) },
    sources: '~/app:list\n~/app:riscv64',
  },
  'a draft': { held, sources: 'docker-manifest:~/app:1', options: draft },
};

for (const [name, row] of Object.entries(ways))
  rows({
    [`${name} that contradicts the config names the input that lets it pass`]: {
      ...row,
      fails: /linux\/arm64.*linux\/amd64.*\[PLATFORM_MISMATCH\].*platform-mismatch/s,
    },
    [`${name} wins with platform-mismatch: warn`]: {
      ...row,
      inputs: { 'platform-mismatch': 'warn' },
      check: (run) => {
        assert.deepEqual(entriesOf(run)[0]?.platform, arm64);
        const warnings = warningsOf(run).filter((text) => /linux\/arm64.*linux\/amd64/.test(text));
        assert.equal(warnings.length, 1, run.stdout);
      },
    },
  });

rows({
  'a variant that the config contradicts is also taken': {
    held: { 'app:built': makeImage('linux/arm/v7') },
    sources: '~/app:built linux/arm/v6',
    inputs: { 'platform-mismatch': 'warn' },
    outputs: { platforms: 'linux/arm/v6' },
  },
  'a platform that is what the config says needs no warning': {
    held: { 'app:built': makeImage('linux/arm64') },
    sources: '~/app:built linux/arm64/v8',
    inputs: { 'platform-mismatch': 'warn' },
    warnings: [],
  },
  'platform-mismatch takes no other word': {
    inputs: { 'platform-mismatch': 'ignore' },
    fails: /platform-mismatch: .*error.*warn/s,
  },
});
