/** Platforms that are half written, and lists that hold one platform twice on purpose. */
import assert from 'node:assert/strict';
import { describe, makeImage, makeIndex } from '../../../support/images/images.ts';
import { entriesOf, errorOf } from '../../evidence.ts';
import { type Check, rows } from '../../rows.ts';

const arm64 = makeImage('linux/arm64');
const armv7 = makeImage('linux/arm/v7');

const parts: readonly Readonly<Record<string, string>>[] = [
  { os: 'linux' },
  { architecture: 'arm64' },
  { os: 'linux', architecture: '' },
  {},
];

const completed: Check = (run) =>
  assert.deepEqual(entriesOf(run)[0]?.platform, { architecture: 'arm64', os: 'linux' });

for (const platform of parts) {
  const built = makeIndex([{ content: arm64, platform: null, fields: { platform } }]);
  rows({
    [`a descriptor with the platform ${JSON.stringify(platform)} is completed from the config`]: {
      held: { app: arm64 },
      sources: JSON.stringify({ ...describe(arm64), platform }),
      check: completed,
    },
    [`an entry of a list with the platform ${JSON.stringify(platform)} is completed from the config`]: {
      held: { 'app:built': built, 'app:armv7': armv7 },
      check: completed,
    },
  });
}

const zstd = { 'io.github.containers.compression.zstd': 'true' };
const zstd64 = makeImage('linux/arm64', { name: 'zstd' });
const podman = makeIndex([
  { content: makeImage('linux/amd64') },
  { content: arm64 },
  { content: makeImage('linux/amd64', { name: 'zstd' }), annotations: zstd },
  { content: zstd64, annotations: zstd },
]);
const annotated = makeIndex([{ content: makeImage('linux/arm64', { name: 'x' }), annotations: { a: 'b' } }]);
const [one, other] = [makeImage('linux/amd64'), makeImage('linux/amd64', { name: 'other' })];

rows({
  'a part of a platform that the config contradicts is an error': {
    held: { app: arm64 },
    sources: JSON.stringify({ ...describe(arm64), platform: { os: 'windows' } }),
    fails: /\[PLATFORM_MISMATCH\]/,
  },
  // A client chooses among the entries of one list by their annotations, so these tell copies of a platform apart.
  'a list with zstd copies is narrowed with both copies of a platform': {
    held: { 'app:podman': podman },
    inputs: { platforms: 'linux/arm64' },
    entries: [arm64, zstd64],
    outputs: { platforms: 'linux/arm64' },
  },
  'a list with zstd copies is joined with another image': {
    held: { 'app:podman': podman, 'app:armv7': armv7 },
    outputs: { platforms: 'linux/amd64,linux/arm64,linux/arm/v7' },
    check: (run) => assert.equal(entriesOf(run).length, 5),
  },
  'two lists with the same platforms are duplicates, whatever their annotations': {
    held: { 'app:podman': podman, 'app:other': annotated },
    fails: /linux\/arm64.*\[DUPLICATE_PLATFORM\]/s,
  },
  'two images for one platform in one list are named by their digests': {
    held: { 'app:built': makeIndex([one, other]), 'app:arm64': arm64 },
    fails: [/\[DUPLICATE_PLATFORM\]/, new RegExp(one.digest), new RegExp(other.digest)],
    check: (run) => assert.doesNotMatch(errorOf(run).join('\n'), /(\S+) and \1\b/),
  },
});
