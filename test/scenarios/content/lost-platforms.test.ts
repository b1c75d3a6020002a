/** Two sources for one platform: which platform was lost, and what to write. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf } from '../evidence.ts';
import { rows } from '../rows.ts';

const amd64 = makeImage('linux/amd64');
const otherAmd64 = makeImage('linux/amd64', { name: 'other' });
const arm64 = makeImage('linux/arm64');
const otherArm64 = makeImage('linux/arm64', { name: 'other' });
const bare = { configPlatform: { os: 'linux', architecture: 'arm' } };
const armv6 = makeImage('linux/arm/v6', bare);
const armv7 = makeImage('linux/arm/v7', bare);
const arms = { 'app:armv7': armv7, 'app:armv6': armv6 };
const twice = { 'app:1-amd64': amd64, 'app:1-arm64': amd64 };
const write = /`linux\/arm` means v7\. .* such as `[^`]*\/app:armv6 linux\/arm\/v6`\./;

rows({
  'one image under two tags is refused, with both lines': {
    held: twice,
    fails: [
      /sources lines 1 and 2 both supply linux\/amd64: .*app:1-amd64 and .*app:1-arm64 are one image, sha256:/,
      /Check the builds/,
      /DUPLICATE_PLATFORM/,
    ],
  },
  'so is one list of one image under two tags': {
    held: {
      'app:1-amd64': makeIndex([amd64], { attestations: true }),
      'app:1-arm64': makeIndex([amd64], { attestations: true }),
    },
    fails: /are one image/,
  },
  'so are two strings of JSON': {
    held: twice,
    sources: '{"amd64": "~/app:1-amd64", "arm64": "~/app:1-arm64"}',
    fails: /are one image/,
  },
  'first takes it, and names what it leaves out': {
    held: twice,
    inputs: { 'duplicate-platforms': 'first' },
    entries: [amd64],
    warnings: [
      /^Left out, because an earlier source .*: sources line 2: .*app:1-arm64 \(linux\/amd64, sha256:\w+\)$/,
    ],
  },
  'last leaves out the earlier ones': {
    held: { 'app:a': amd64, 'app:b': makeImage('linux/amd64', { name: 'b' }) },
    inputs: { 'duplicate-platforms': 'last' },
    warnings: [/^Left out, because a later source .*: sources line 1: .*app:a \(linux\/amd64, sha256:\w+\)/],
  },
  'one image that is stated for two platforms is two entries': {
    held: { 'app:arm': armv6 },
    sources: '~/app:arm linux/arm/v6\n~/app:arm linux/arm/v7',
    entries: [armv6, armv6],
    outputs: { platforms: 'linux/arm/v6,linux/arm/v7' },
  },
  'an image beside a list that holds it is one entry': {
    held: { 'app:list': makeIndex([amd64, armv7]), 'app:amd64': amd64 },
    entries: [amd64, armv7],
  },
  'a sole list with two images for each of two platforms is tagged as it is, with a warning': {
    held: { 'app:list': makeIndex([amd64, arm64, otherAmd64, otherArm64]) },
    entries: [amd64, arm64, otherAmd64, otherArm64],
    warnings: [
      /^\S+app:list has several images for linux\/amd64, linux\/arm64: clients get the first\. .* `duplicate-platforms`/,
    ],
  },
  'a sole list of Windows builds, of a plain and an erofs image, and with one image twice has no duplicates':
    {
      held: {
        'app:list': makeIndex([
          amd64,
          { content: otherAmd64, platform: { os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] } },
          ...['10.0.17763.1', '10.0.20348.1'].map((version) =>
            makeImage({ os: 'windows', architecture: 'amd64', 'os.version': version }, { name: version }),
          ),
          amd64,
        ]),
      },
      warnings: [],
    },
  'two images whose configs say linux/arm: the hint is the line to write': {
    held: arms,
    fails: [/both supply linux\/arm/, write],
  },
  'the same with platforms': {
    held: arms,
    inputs: { platforms: 'linux/arm/v7,linux/arm/v6' },
    fails: [/both supply linux\/arm/, write],
  },
  'what the hint says works': {
    held: arms,
    sources: '~/app:armv7\n~/app:armv6 linux/arm/v6',
    inputs: { platforms: 'linux/arm/v7,linux/arm/v6' },
    entries: [armv7, armv6],
  },
  'a single image without a variant where v6 is wanted': {
    held: { 'app:armv6': armv6 },
    inputs: { platforms: 'linux/arm/v6' },
    fails: [/is linux\/arm, which is not among `platforms` \(linux\/arm\/v6\)/, write],
  },
  'with first the missing platform is told with the line to write': {
    held: arms,
    inputs: { platforms: 'linux/arm/v7,linux/arm/v6', 'duplicate-platforms': 'first' },
    fails: [/No source supplies linux\/arm\/v6/, /means v7/],
  },
});

scenario('two files of digests that name one image are refused', {}, async (t) => {
  await t.push('app', amd64);
  const hex = amd64.digest.slice('sha256:'.length);
  const files = { [`d/amd64/${hex}`]: '', [`d/arm64/${hex}`]: '' };
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'digests:d' }, { workspace: files });
  assert.match(errorOf(run).join(), /line 1 supplies linux\/amd64 twice/);
});
