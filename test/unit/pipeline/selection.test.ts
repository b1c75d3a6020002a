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

interface Case {
  readonly name: string;
  readonly in: readonly Source[];
  readonly platforms?: readonly string[];
  readonly rules?: Partial<SelectionRules>;
  /** Platform, first letters of the digest's content name and line of each; or an error's code. */
  readonly out: readonly string[] | string;
}

const table: readonly Case[] = [
  { name: 'everything, in its order', in: [arm64, amd64], out: ['linux/arm64 1', 'linux/amd64 2'] },
  { name: 'nothing', in: [], out: [] },
  {
    name: 'only the wanted image of a list, with its attestation',
    in: [pair],
    platforms: ['linux/arm64'],
    out: ['linux/arm64 1', '~ 1'],
  },
  {
    name: 'wanted platforms in another spelling',
    in: [pair],
    platforms: ['linux/x86_64', 'linux/arm64/v8'],
    out: ['linux/amd64 1', 'linux/arm64 1', '~ 1', '~ 1'],
  },
  {
    name: 'the sources’ order, not that of the wanted platforms',
    in: [amd64, arm64],
    platforms: ['linux/arm64', 'linux/amd64'],
    out: ['linux/amd64 1', 'linux/arm64 2'],
  },
  {
    name: 'a wanted platform that is missing',
    in: [amd64],
    platforms: ['linux/amd64', 'linux/arm64'],
    out: 'PLATFORM_MISSING',
  },
  {
    name: 'a wanted platform of another variant',
    in: [armless],
    platforms: ['linux/arm/v6'],
    out: 'PLATFORM_UNWANTED',
  },
  {
    name: 'an image that is not wanted',
    in: [amd64, arm64],
    platforms: ['linux/arm64'],
    out: 'PLATFORM_UNWANTED',
  },
  {
    name: 'every os.version of a wanted platform',
    in: [windows('10.0.17763.1'), windows('10.0.20348.1')],
    platforms: ['windows/amd64'],
    out: ['windows/amd64 (10.0.17763.1) 1', 'windows/amd64 (10.0.20348.1) 2'],
  },
  { name: 'two images of one platform', in: [amd64, otherAmd64], out: 'DUPLICATE_PLATFORM' },
  { name: 'two images of one platform in two spellings', in: [arm64, arm64v8], out: 'DUPLICATE_PLATFORM' },
  {
    name: 'the first of two',
    in: [amd64, arm64, otherAmd64],
    rules: { duplicatePlatforms: 'first' },
    out: ['linux/amd64 1', 'linux/arm64 2'],
  },
  {
    name: 'the last of two, where it stands',
    in: [amd64, arm64, otherAmd64],
    rules: { duplicatePlatforms: 'last' },
    out: ['linux/arm64 2', 'linux/amd64 3'],
  },
  {
    name: 'the last of three',
    in: [amd64, otherAmd64, thirdAmd64],
    rules: { duplicatePlatforms: 'last' },
    out: ['linux/amd64 3'],
  },
  {
    name: 'a platform that only differs in os.version is another',
    in: [windows('10.0.17763.1'), windows('10.0.20348.1')],
    out: ['windows/amd64 (10.0.17763.1) 1', 'windows/amd64 (10.0.20348.1) 2'],
  },
  {
    name: 'one image on two lines: a platform was lost',
    in: [amd64, arm64, amd64],
    out: 'DUPLICATE_PLATFORM',
  },
  {
    name: 'one image on two lines, each time as a list of one',
    in: [alone, alone],
    out: 'DUPLICATE_PLATFORM',
  },
  {
    name: 'the first of one image on two lines',
    in: [amd64, amd64],
    rules: { duplicatePlatforms: 'first' },
    out: ['linux/amd64 1'],
  },
  {
    name: 'a featured image behind the plain one',
    in: [makeIndex([amd64, erofs]), arm64],
    out: ['linux/amd64 1', 'linux/amd64 (erofs) 1', 'linux/arm64 2'],
  },
  {
    name: 'a featured image on a line behind the plain one, and both wanted',
    in: [amd64, erofs],
    platforms: ['linux/amd64', 'linux(+erofs)/amd64'],
    out: ['linux/amd64 1', 'linux/amd64 (erofs) 2'],
  },
  { name: 'a featured image in front of the plain one', in: [erofs, amd64], out: 'DUPLICATE_PLATFORM' },
  { name: 'two featured images', in: [amd64, erofs, otherErofs], out: 'DUPLICATE_PLATFORM' },
  {
    name: 'one Windows build of several',
    in: [makeIndex([windows('10.0.17763.1'), windows('10.0.20348.1')])],
    platforms: ['windows(10.0.20348)/amd64'],
    out: ['windows/amd64 (10.0.20348.1) 1'],
  },
  {
    name: 'one image under two platforms is two entries',
    in: [
      [armless, { says: 'linux/arm/v6' }],
      [armless, { says: 'linux/arm/v7' }],
    ],
    out: ['linux/arm/v6 1', 'linux/arm/v7 2'],
  },
  { name: 'one list twice', in: [pair, pair], out: ['linux/amd64 1', 'linux/arm64 1', '~ 1', '~ 1'] },
  {
    name: 'a list and an image of it',
    in: [amd64, pair],
    out: ['linux/amd64 1', 'linux/arm64 2', '~ 2', '~ 2'],
  },
  {
    name: 'attestations dropped',
    in: [pair],
    rules: { attestations: 'drop' },
    out: ['linux/amd64 1', 'linux/arm64 1'],
  },
  {
    name: 'an attestation goes with the image that a duplicate displaced',
    in: [pair, otherAmd64],
    rules: { duplicatePlatforms: 'last' },
    out: ['linux/arm64 1', '~ 1', 'linux/amd64 2'],
  },
  {
    name: 'an attestation stays beside an image that came from elsewhere',
    in: [amd64, makeIndex([amd64], { attestations: true })],
    rules: { duplicatePlatforms: 'first' },
    out: ['linux/amd64 1', '~ 2'],
  },
  {
    name: 'entries without any platform are not one another’s duplicates',
    in: [
      makeIndex([
        { content: silent, platform: null },
        { content: makeImage('linux/amd64', { name: 'silent too', configPlatform: null }), platform: null },
      ]),
    ],
    out: ['- 1', '- 1'],
  },
  {
    name: 'an entry without any platform is not wanted',
    in: [makeIndex([{ content: silent, platform: null }, amd64])],
    platforms: ['linux/amd64'],
    out: ['linux/amd64 1'],
  },
  {
    name: 'artifacts of the platform unknown are not one another’s duplicates, nor attestations',
    in: [makeIndex([amd64, ...artifacts])],
    rules: { attestations: 'drop' },
    out: ['linux/amd64 1', 'unknown/unknown 1', 'unknown/unknown 1'],
  },
  {
    name: 'attestations that do not name their images stay',
    in: [makeIndex([amd64, { content: makeAttestation(amd64), platform: unknown }])],
    out: ['linux/amd64 1', '~ 1'],
  },
  {
    name: 'attestations that do not name their images, dropped',
    in: [makeIndex([amd64, { content: makeAttestation(amd64), platform: unknown }])],
    rules: { attestations: 'drop' },
    out: ['linux/amd64 1'],
  },
  {
    name: 'attestations that do not name their images, beside one that is not wanted',
    in: [makeIndex([amd64, arm64, { content: makeAttestation(amd64), platform: unknown }])],
    platforms: ['linux/arm64'],
    out: ['linux/arm64 1'],
  },
  {
    name: 'an image that is annotated as an attestation',
    in: [makeIndex([arm64, { content: amd64, annotations: claims }])],
    platforms: ['linux/arm64'],
    out: ['linux/arm64 1'],
  },
  {
    name: 'entries for Linux that differ in os.features only, the plain one first',
    in: [makeIndex([amd64, featured])],
    out: ['linux/amd64 1', 'linux/amd64 (sse4) 1'],
  },
  {
    name: 'features that were not wanted',
    in: [makeIndex([amd64, featured])],
    platforms: ['linux/amd64'],
    out: ['linux/amd64 1'],
  },
  { name: 'copies with another compression', in: [copies], out: Array(2).fill('linux/amd64 1') },
  { name: 'copies, and another image', in: [copies, thirdAmd64], out: 'DUPLICATE_PLATFORM' },
  { name: 'copies of two lists', in: [makeIndex([amd64]), zstdCopy], out: 'DUPLICATE_PLATFORM' },
  {
    name: 'the first of two, with its copies',
    in: [copies, thirdAmd64],
    rules: { duplicatePlatforms: 'first' },
    out: Array(2).fill('linux/amd64 1'),
  },
  {
    name: 'the first of two, without the copies of the other',
    in: [thirdAmd64, copies],
    rules: { duplicatePlatforms: 'first' },
    out: ['linux/amd64 1'],
  },
  {
    name: 'the last of two, with its copies',
    in: [thirdAmd64, copies],
    rules: { duplicatePlatforms: 'last' },
    out: Array(2).fill('linux/amd64 2'),
  },
  {
    name: 'the last of two, without the copies of the other',
    in: [copies, thirdAmd64],
    rules: { duplicatePlatforms: 'last' },
    out: ['linux/amd64 2'],
  },
];

async function select(given: Case): Promise<ReturnType<typeof selectMembers>> {
  const sources = given.in.map(
    (source) => (Array.isArray(source) ? source : [source, {}]) as [TestContent, ResolvedOptions],
  );
  const members = await Promise.all(
    sources.map(([content, options], at) => membersFrom(content, { ...options, line: at + 1 })),
  );
  const rules: SelectionRules = {
    platforms: (given.platforms ?? []).map(parsePlatform),
    attestations: 'keep',
    duplicatePlatforms: 'error',
    missingPlatforms: 'refuse',
    ...given.rules,
  };
  return selectMembers(members.flat(), rules, new Told());
}

for (const given of table) {
  test(`select: ${given.name}`, async () => {
    let outcome: readonly string[] | string;
    try {
      outcome = (await select(given)).map((member) => `${word(member)} ${member.line}`);
    } catch (error) {
      assert(error instanceof ActionError, String(error));
      outcome = error.code;
    }
    assert.deepEqual(outcome, given.out);
  });
}

const messages: readonly (Case & { readonly says: string })[] = [
  {
    name: 'a duplicate',
    in: [amd64, otherAmd64],
    out: [],
    says: 'sources lines 1 and 2 both supply linux/amd64: source1 and source2',
  },
  {
    name: 'a duplicate in one list',
    in: [makeIndex([amd64, otherAmd64])],
    out: [],
    says: `sources line 1 supplies linux/amd64 twice: ${amd64.digest} and ${otherAmd64.digest} in source1`,
  },
  {
    name: 'an unwanted image',
    in: [arm64, amd64],
    platforms: ['linux/arm64', 'linux/s390x'],
    out: [],
    says: 'sources line 2: source2 is linux/amd64, which is not among `platforms` (linux/arm64, linux/s390x)',
  },
  {
    name: 'a missing platform',
    in: [pair],
    platforms: ['linux/s390x'],
    out: [],
    says: 'No source supplies linux/s390x; the sources supply linux/amd64, linux/arm64',
  },
];

for (const given of messages) {
  test(`select: the message for ${given.name}`, () => assert.rejects(select(given), { message: given.says }));
}

test('select: an image beside a list that holds it has the annotations of both, the later one’s winning', async () => {
  const [member] = await select({
    name: '',
    in: [
      [amd64, { says: 'annotation.a=1 annotation.b=1' }],
      [pair, { says: 'annotation.b=2' }],
    ],
    out: [],
  });
  assert.deepEqual(member?.descriptor.annotations, { a: '1', b: '2' });
});
