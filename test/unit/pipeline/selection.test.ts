import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { type SelectionRules, selectMembers } from '../../../src/pipeline/selection.ts';
import { ActionError } from '../../../src/run/errors.ts';
import {
  makeArtifact,
  makeAttestation,
  makeImage,
  makeIndex,
  type TestContent,
} from '../../support/images/images.ts';
import { membersFrom, type ResolvedOptions, word } from '../../support/rigs/source-rig.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const otherAmd64 = makeImage('linux/amd64', { name: 'other' });
const thirdAmd64 = makeImage('linux/amd64', { name: 'third' });
const arm64 = makeImage('linux/arm64');
const arm64v8 = makeImage('linux/arm64/v8', { name: 'v8' });
const armless = makeImage('linux/arm', { configPlatform: { os: 'linux', architecture: 'arm' } });
const silent = makeImage('linux/amd64', { name: 'silent', configPlatform: null });
const windows = (version: string): TestContent =>
  makeImage({ os: 'windows', architecture: 'amd64', 'os.version': version });
const pair = makeIndex([amd64, arm64], { attestations: true });
const alone = makeIndex([amd64], { attestations: true });
const erofsPlatform = { os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] };
const erofs = makeImage(erofsPlatform, { name: 'erofs' });
const otherErofs = makeImage(erofsPlatform, { name: 'other-erofs' });
const unknown = { architecture: 'unknown', os: 'unknown' };

const zstd = { 'io.github.containers.compression.zstd': 'true' };
const zstdCopy = makeIndex([{ content: otherAmd64, annotations: zstd }]);
const copies = makeIndex([amd64, { content: otherAmd64, annotations: zstd }]);
const featured = makeImage({ os: 'linux', architecture: 'amd64', 'os.features': ['sse4'] }, { name: 'sse4' });
const claims = {
  'vnd.docker.reference.type': 'attestation-manifest',
  'vnd.docker.reference.digest': arm64.digest,
};
const artifacts = ['one', 'other'].map((payload) => ({
  content: makeArtifact({ artifactType: 'application/vnd.in-toto+json', payload }),
  platform: unknown,
}));

type Source = TestContent | readonly [TestContent, ResolvedOptions];

type Rules = Partial<Omit<SelectionRules, 'platforms'>> & { readonly platforms?: readonly string[] };

/** `out`: platform, first letters of the digest's content name and line of each; or an error's code. */
type Case = readonly [name: string, given: readonly Source[], out: readonly string[] | string, rules?: Rules];

const table: readonly Case[] = [
  ['everything, in its order', [arm64, amd64], ['linux/arm64 1', 'linux/amd64 2']],
  ['nothing', [], []],
  [
    'only the wanted image of a list, with its attestation',
    [pair],
    ['linux/arm64 1', '~ 1'],
    { platforms: ['linux/arm64'] },
  ],
  [
    'wanted platforms in another spelling',
    [pair],
    ['linux/amd64 1', 'linux/arm64 1', '~ 1', '~ 1'],
    { platforms: ['linux/x86_64', 'linux/arm64/v8'] },
  ],
  [
    'the sources’ order, not that of the wanted platforms',
    [amd64, arm64],
    ['linux/amd64 1', 'linux/arm64 2'],
    { platforms: ['linux/arm64', 'linux/amd64'] },
  ],
  [
    'a wanted platform that is missing',
    [amd64],
    'PLATFORM_MISSING',
    { platforms: ['linux/amd64', 'linux/arm64'] },
  ],
  ['a wanted platform of another variant', [armless], 'PLATFORM_UNWANTED', { platforms: ['linux/arm/v6'] }],
  ['an image that is not wanted', [amd64, arm64], 'PLATFORM_UNWANTED', { platforms: ['linux/arm64'] }],
  [
    'every os.version of a wanted platform',
    [windows('10.0.17763.1'), windows('10.0.20348.1')],
    ['windows/amd64 (10.0.17763.1) 1', 'windows/amd64 (10.0.20348.1) 2'],
    { platforms: ['windows/amd64'] },
  ],
  ['two images of one platform', [amd64, otherAmd64], 'DUPLICATE_PLATFORM'],
  ['two images of one platform in two spellings', [arm64, arm64v8], 'DUPLICATE_PLATFORM'],
  [
    'the first of two',
    [amd64, arm64, otherAmd64],
    ['linux/amd64 1', 'linux/arm64 2'],
    { duplicatePlatforms: 'first' },
  ],
  [
    'the last of two, where it stands',
    [amd64, arm64, otherAmd64],
    ['linux/arm64 2', 'linux/amd64 3'],
    { duplicatePlatforms: 'last' },
  ],
  ['the last of three', [amd64, otherAmd64, thirdAmd64], ['linux/amd64 3'], { duplicatePlatforms: 'last' }],
  [
    'a platform that only differs in os.version is another',
    [windows('10.0.17763.1'), windows('10.0.20348.1')],
    ['windows/amd64 (10.0.17763.1) 1', 'windows/amd64 (10.0.20348.1) 2'],
  ],
  ['one image on two lines: a platform was lost', [amd64, arm64, amd64], 'DUPLICATE_PLATFORM'],
  ['one image on two lines, each time as a list of one', [alone, alone], 'DUPLICATE_PLATFORM'],
  ['the first of one image on two lines', [amd64, amd64], ['linux/amd64 1'], { duplicatePlatforms: 'first' }],
  [
    'a featured image behind the plain one',
    [makeIndex([amd64, erofs]), arm64],
    ['linux/amd64 1', 'linux/amd64 (erofs) 1', 'linux/arm64 2'],
  ],
  [
    'a featured image on a line behind the plain one, and both wanted',
    [amd64, erofs],
    ['linux/amd64 1', 'linux/amd64 (erofs) 2'],
    { platforms: ['linux/amd64', 'linux(+erofs)/amd64'] },
  ],
  ['a featured image in front of the plain one', [erofs, amd64], 'DUPLICATE_PLATFORM'],
  ['two featured images', [amd64, erofs, otherErofs], 'DUPLICATE_PLATFORM'],
  [
    'one Windows build of several',
    [makeIndex([windows('10.0.17763.1'), windows('10.0.20348.1')])],
    ['windows/amd64 (10.0.20348.1) 1'],
    { platforms: ['windows(10.0.20348)/amd64'] },
  ],
  [
    'one image under two platforms is two entries',
    [
      [armless, { says: 'linux/arm/v6' }],
      [armless, { says: 'linux/arm/v7' }],
    ],
    ['linux/arm/v6 1', 'linux/arm/v7 2'],
  ],
  ['one list twice', [pair, pair], ['linux/amd64 1', 'linux/arm64 1', '~ 1', '~ 1']],
  ['a list and an image of it', [amd64, pair], ['linux/amd64 1', 'linux/arm64 2', '~ 2', '~ 2']],
  ['attestations dropped', [pair], ['linux/amd64 1', 'linux/arm64 1'], { attestations: 'drop' }],
  [
    'an attestation goes with the image that a duplicate displaced',
    [pair, otherAmd64],
    ['linux/arm64 1', '~ 1', 'linux/amd64 2'],
    { duplicatePlatforms: 'last' },
  ],
  [
    'an attestation stays beside an image that came from elsewhere',
    [amd64, makeIndex([amd64], { attestations: true })],
    ['linux/amd64 1', '~ 2'],
    { duplicatePlatforms: 'first' },
  ],
  [
    'entries without any platform are not one another’s duplicates',
    [
      makeIndex([
        { content: silent, platform: null },
        { content: makeImage('linux/amd64', { name: 'silent too', configPlatform: null }), platform: null },
      ]),
    ],
    ['- 1', '- 1'],
  ],
  [
    'an entry without any platform is not wanted',
    [makeIndex([{ content: silent, platform: null }, amd64])],
    ['linux/amd64 1'],
    { platforms: ['linux/amd64'] },
  ],
  [
    'artifacts of the platform unknown are not one another’s duplicates, nor attestations',
    [makeIndex([amd64, ...artifacts])],
    ['linux/amd64 1', 'unknown/unknown 1', 'unknown/unknown 1'],
    { attestations: 'drop' },
  ],
  [
    'attestations that do not name their images stay',
    [makeIndex([amd64, { content: makeAttestation(amd64), platform: unknown }])],
    ['linux/amd64 1', '~ 1'],
  ],
  [
    'attestations that do not name their images, dropped',
    [makeIndex([amd64, { content: makeAttestation(amd64), platform: unknown }])],
    ['linux/amd64 1'],
    { attestations: 'drop' },
  ],
  [
    'attestations that do not name their images, beside one that is not wanted',
    [makeIndex([amd64, arm64, { content: makeAttestation(amd64), platform: unknown }])],
    ['linux/arm64 1'],
    { platforms: ['linux/arm64'] },
  ],
  [
    'an image that is annotated as an attestation',
    [makeIndex([arm64, { content: amd64, annotations: claims }])],
    ['linux/arm64 1'],
    { platforms: ['linux/arm64'] },
  ],
  [
    'entries for Linux that differ in os.features only, the plain one first',
    [makeIndex([amd64, featured])],
    ['linux/amd64 1', 'linux/amd64 (sse4) 1'],
  ],
  [
    'features that were not wanted',
    [makeIndex([amd64, featured])],
    ['linux/amd64 1'],
    { platforms: ['linux/amd64'] },
  ],
  ['copies with another compression', [copies], Array(2).fill('linux/amd64 1')],
  ['copies, and another image', [copies, thirdAmd64], 'DUPLICATE_PLATFORM'],
  ['copies of two lists', [makeIndex([amd64]), zstdCopy], 'DUPLICATE_PLATFORM'],
  [
    'the first of two, with its copies',
    [copies, thirdAmd64],
    Array(2).fill('linux/amd64 1'),
    { duplicatePlatforms: 'first' },
  ],
  [
    'the first of two, without the copies of the other',
    [thirdAmd64, copies],
    ['linux/amd64 1'],
    { duplicatePlatforms: 'first' },
  ],
  [
    'the last of two, with its copies',
    [thirdAmd64, copies],
    Array(2).fill('linux/amd64 2'),
    { duplicatePlatforms: 'last' },
  ],
  [
    'the last of two, without the copies of the other',
    [copies, thirdAmd64],
    ['linux/amd64 2'],
    { duplicatePlatforms: 'last' },
  ],
];

async function select(
  given: readonly Source[],
  { platforms = [], ...others }: Rules = {},
): Promise<ReturnType<typeof selectMembers>> {
  const sources = given.map(
    (source) => (Array.isArray(source) ? source : [source, {}]) as [TestContent, ResolvedOptions],
  );
  const members = await Promise.all(
    sources.map(([content, options], at) => membersFrom(content, { ...options, line: at + 1 })),
  );
  const rules: SelectionRules = {
    platforms: platforms.map(parsePlatform),
    attestations: 'keep',
    duplicatePlatforms: 'error',
    missingPlatforms: 'refuse',
    ...others,
  };
  return selectMembers(members.flat(), rules, new Told());
}

for (const [name, given, out, rules] of table) {
  test(`select: ${name}`, async () => {
    let outcome: readonly string[] | string;
    try {
      outcome = (await select(given, rules)).map((member) => `${word(member)} ${member.line}`);
    } catch (error) {
      assert(error instanceof ActionError, String(error));
      outcome = error.code;
    }
    assert.deepEqual(outcome, out);
  });
}

const messages: readonly (readonly [name: string, given: readonly Source[], says: string, rules?: Rules])[] =
  [
    [
      'a duplicate',
      [amd64, otherAmd64],
      'sources lines 1 and 2 both supply linux/amd64: source1 and source2',
    ],
    [
      'a duplicate in one list',
      [makeIndex([amd64, otherAmd64])],
      `sources line 1 supplies linux/amd64 twice: ${amd64.digest} and ${otherAmd64.digest} in source1`,
    ],
    [
      'an unwanted image',
      [arm64, amd64],
      'sources line 2: source2 is linux/amd64, which is not among `platforms` (linux/arm64, linux/s390x)',
      { platforms: ['linux/arm64', 'linux/s390x'] },
    ],
    [
      'a missing platform',
      [pair],
      'No source supplies linux/s390x; the sources supply linux/amd64, linux/arm64',
      { platforms: ['linux/s390x'] },
    ],
  ];

for (const [name, given, message, rules] of messages) {
  test(`select: the message for ${name}`, () => assert.rejects(select(given, rules), { message }));
}

test('select: an image beside a list that holds it has the annotations of both, the later one’s winning', async () => {
  const [member] = await select([
    [amd64, { says: 'annotation.a=1 annotation.b=1' }],
    [pair, { says: 'annotation.b=2' }],
  ]);
  assert.deepEqual(member?.descriptor.annotations, { a: '1', b: '2' });
});
