import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membersOf } from '../../../src/pipeline/member.ts';
import { ActionError } from '../../../src/run/errors.ts';
import { makeArtifact, makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { digestText } from '../../support/registry/registry-store.ts';
import { membersFrom, type ResolvedOptions, resolvedOf, word } from '../../support/rigs/source-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const arm64v8 = makeImage('linux/arm64/v8');
const armless = makeImage('linux/arm', { configPlatform: { os: 'linux', architecture: 'arm' } });
const armv6 = makeImage('linux/arm/v6');
const silent = makeImage('linux/amd64', { configPlatform: null });
const windows = makeImage({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.1' });
const windows19 = makeImage({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763.1' });
const artifact = makeArtifact({ artifactType: 'application/vnd.example' });
const pair = makeIndex([amd64, arm64]);
const attested = makeIndex([amd64, arm64], { attestations: true });
const sole = makeIndex([amd64], { attestations: true });

interface Case {
  readonly name: string;
  readonly in: readonly [content: TestContent, options?: ResolvedOptions];
  /** The members in words, or an error's code. */
  readonly out: readonly string[] | string;
}

const says = (text: string): ResolvedOptions => ({ says: text });

const images: readonly Case[] = [
  { name: 'the config’s platform', in: [amd64], out: ['linux/amd64'] },
  { name: 'the config’s variant as it is written', in: [arm64v8], out: ['linux/arm64/v8'] },
  { name: 'os.version from the config', in: [windows], out: ['windows/amd64 (10.0.20348.1)'] },
  { name: 'the same declared', in: [amd64, says('linux/amd64')], out: ['linux/amd64'] },
  { name: 'another architecture declared', in: [amd64, says('linux/arm64')], out: 'PLATFORM_MISMATCH' },
  { name: 'another os declared', in: [amd64, says('darwin/amd64')], out: 'PLATFORM_MISMATCH' },
  { name: 'another variant declared', in: [armv6, says('linux/arm/v7')], out: 'PLATFORM_MISMATCH' },
  {
    name: 'another os.version declared',
    in: [windows, says('os-version=10.0.1.1')],
    out: 'PLATFORM_MISMATCH',
  },
  { name: 'a variant that the config omits', in: [armless, says('linux/arm/v6')], out: ['linux/arm/v6'] },
  { name: 'a variant alone', in: [armless, says('variant=v5')], out: ['linux/arm/v5'] },
  {
    name: 'an os.version that the config omits',
    in: [amd64, says('os-version=1.2.3.4')],
    out: ['linux/amd64 (1.2.3.4)'],
  },
  { name: 'features', in: [amd64, says('os-features=win32k,x')], out: ['linux/amd64 (win32k, x)'] },
  { name: 'a variant that means the same', in: [arm64, says('linux/arm64/v8')], out: ['linux/arm64/v8'] },
  {
    name: 'a declaration that leaves the variant out',
    in: [arm64v8, says('linux/arm64')],
    out: ['linux/arm64/v8'],
  },
  { name: 'another spelling of the same', in: [amd64, says('linux/x86_64')], out: ['linux/amd64'] },
  { name: 'no platform anywhere', in: [silent], out: 'PLATFORM_UNKNOWN' },
  { name: 'a platform that only the line declares', in: [silent, says('linux/s390x')], out: ['linux/s390x'] },
  { name: 'half a platform', in: [silent, says('arch=s390x')], out: 'PLATFORM_UNKNOWN' },
  { name: 'an artifact', in: [artifact], out: 'SOURCE_NOT_AN_IMAGE' },
  {
    name: 'a platform that the source carries',
    in: [silent, { platform: { os: 'linux', architecture: 'riscv64' } }],
    out: ['linux/riscv64'],
  },
  {
    name: 'the line’s word over the source’s',
    in: [armless, { says: 'variant=v6', platform: { variant: 'v7' } }],
    out: ['linux/arm/v6'],
  },
  {
    name: 'a platform that the source carries and the config denies',
    in: [amd64, { platform: { os: 'linux', architecture: 'arm64' } }],
    out: 'PLATFORM_MISMATCH',
  },
  { name: 'a config that is gone', in: [amd64, { lost: [configOf(amd64)] }], out: 'NOT_FOUND' },
];

function configOf({ document }: TestContent): string {
  return (document as { config: { digest: string } }).config.digest;
}

const plain = (entry: TestContent, fields: Readonly<Record<string, unknown>> = {}) => ({
  content: entry,
  platform: null,
  fields,
});

const nested = (depth: number): TestContent => {
  let index = makeIndex([amd64]);
  for (let level = 1; level < depth; level += 1) index = makeIndex([plain(index)]);
  return index;
};

const indexes: Case[] = [
  { name: 'entries in their order', in: [pair], out: ['linux/amd64', 'linux/arm64'] },
  { name: 'attestations', in: [attested], out: ['linux/amd64', 'linux/arm64', '~', '~'] },
  {
    name: 'a platform picks one and its attestation',
    in: [attested, says('linux/arm64')],
    out: ['linux/arm64', '~'],
  },
  {
    name: 'a platform in another spelling picks',
    in: [pair, says('linux/arm64/v8')],
    out: ['linux/arm64/v8'],
  },
  { name: 'an architecture alone picks', in: [pair, says('arch=amd64')], out: ['linux/amd64'] },
  { name: 'a platform it lacks', in: [pair, says('linux/s390x')], out: 'PLATFORM_MISSING' },
  { name: 'an architecture it lacks', in: [pair, says('arch=s390x')], out: 'PLATFORM_MISSING' },
  {
    name: 'a platform of which it has several',
    in: [makeIndex([windows, windows19, amd64]), says('windows/amd64')],
    out: ['windows/amd64 (10.0.20348.1)', 'windows/amd64 (10.0.17763.1)'],
  },
  {
    name: 'an os.version picks one of several',
    in: [makeIndex([windows, windows19]), says('os-version=10.0.17763.1')],
    out: ['windows/amd64 (10.0.17763.1)'],
  },
  { name: 'a sole image that fits', in: [sole, says('linux/amd64')], out: ['linux/amd64', '~'] },
  { name: 'a sole image that does not fit', in: [sole, says('linux/arm64')], out: 'PLATFORM_MISMATCH' },
  {
    name: 'a sole image with a variant more',
    in: [makeIndex([armless]), says('variant=v6')],
    out: ['linux/arm/v6'],
  },
  {
    name: 'an entry without a platform is read',
    in: [makeIndex([plain(amd64), arm64])],
    out: ['linux/amd64', 'linux/arm64'],
  },
  {
    name: 'an entry of no platform at all',
    in: [makeIndex([plain(silent), arm64])],
    out: ['-', 'linux/arm64'],
  },
  {
    name: 'an entry of no platform is not picked',
    in: [makeIndex([plain(silent), arm64]), says('linux/arm64')],
    out: ['linux/arm64'],
  },
  {
    name: 'a sole entry of no platform, declared',
    in: [makeIndex([plain(silent)]), says('linux/arm/v6')],
    out: ['linux/arm/v6'],
  },
  {
    name: 'a sole entry of no platform, half declared',
    in: [makeIndex([plain(silent)]), says('variant=v6')],
    out: 'PLATFORM_UNKNOWN',
  },
  {
    name: 'one image under two platforms, one of which is picked',
    in: [
      makeIndex([
        { content: armless, platform: { os: 'linux', architecture: 'arm', variant: 'v6' } },
        { content: armless, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
      ]),
      says('linux/arm/v7'),
    ],
    out: ['linux/arm/v7'],
  },
  { name: 'no entries', in: [makeIndex([])], out: 'NO_ENTRIES' },
  {
    name: 'an index within an index',
    in: [makeIndex([plain(pair), windows])],
    out: ['linux/amd64', 'linux/arm64', 'windows/amd64 (10.0.20348.1)'],
  },
  {
    name: 'an empty index within an index',
    in: [makeIndex([plain(makeIndex([])), amd64])],
    out: 'NO_ENTRIES',
  },
  { name: 'four indexes one in the other', in: [nested(4)], out: ['linux/amd64'] },
  { name: 'five indexes one in the other', in: [nested(5)], out: 'INDEX_TOO_DEEP' },
  { name: 'a child that is gone', in: [pair, { lost: [arm64.digest] }], out: 'NOT_FOUND' },
  {
    name: 'an entry of another size',
    in: [makeIndex([{ content: amd64, fields: { size: 3 } }])],
    out: 'INDEX_INCONSISTENT',
  },
  {
    name: 'an entry of another type',
    in: [
      makeIndex([
        { content: amd64, fields: { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' } },
      ]),
    ],
    out: 'INDEX_INCONSISTENT',
  },
  {
    name: 'an index that is listed as an image',
    in: [makeIndex([{ content: pair, platform: null, fields: { mediaType: amd64.mediaType } }])],
    out: 'INDEX_INCONSISTENT',
  },
];

const many = (count: number, size: number): TestContent =>
  makeIndex(Array.from({ length: count }, () => ({ content: amd64, fields: { size } })));

indexes.push(
  { name: 'a thousand entries', in: [many(1000, amd64.size)], out: Array(1000).fill('linux/amd64') },
  { name: 'more than a thousand', in: [many(1001, amd64.size)], out: 'SOURCE_TOO_LARGE' },
  { name: 'entries of 9 MiB together', in: [many(3, 3 * 1024 * 1024)], out: 'SOURCE_TOO_LARGE' },
  {
    name: 'more than a thousand in lists within the list',
    in: [makeIndex([plain(many(600, amd64.size)), plain(many(500, amd64.size))])],
    out: 'SOURCE_TOO_LARGE',
  },
);

for (const [kind, table] of [
  ['image', images],
  ['index', indexes],
] as const) {
  for (const { name, in: input, out } of table) {
    test(`${kind}: ${name}`, async () => {
      assert.deepEqual(await wordsOf(...input), out);
    });
  }
}

async function wordsOf(
  content: TestContent,
  options: ResolvedOptions = {},
): Promise<readonly string[] | string> {
  try {
    return (await membersFrom(content, options)).map(word);
  } catch (error) {
    assert(error instanceof ActionError, String(error));
    return error.code;
  }
}

test('image: embedded data of the config that is something else', async () => {
  const image = withConfig(amd64, { data: 'AAAA' });
  assert.equal(await wordsOf(image), 'SOURCE_NOT_AN_IMAGE');
});

test('index: configs of more than 64 MiB together', async () => {
  const large = withConfig(amd64, { size: 23 * 1024 * 1024 });
  assert.equal(await wordsOf(makeIndex([large, large, large])), 'SOURCE_TOO_LARGE');
});

/** The image with other fields in the descriptor of its config. */
function withConfig(image: TestContent, fields: object): TestContent {
  const document = { ...image.document, config: { ...image.document.config, ...fields } };
  const bytes = Buffer.from(JSON.stringify(document));
  return { ...image, bytes, digest: digestText(bytes), size: bytes.length };
}

test('index: an entry that its config contradicts has both, whatever the line says', async () => {
  const index = makeIndex([{ content: amd64, platform: { os: 'linux', architecture: 'arm64' } }]);
  const [member] = await membersOf(resolvedOf(index));
  assert.deepEqual(member?.descriptor.platform, { os: 'linux', architecture: 'arm64' });
  assert.equal(member?.mismatch?.code, 'PLATFORM_MISMATCH');
  const [declared] = await membersOf(resolvedOf(index, says('linux/amd64')));
  assert.deepEqual(declared?.descriptor.platform, { os: 'linux', architecture: 'amd64' });
  assert.match(declared?.mismatch?.message ?? '', /declared linux\/amd64, but the list says linux\/arm64/);
});

test('every failure names the line and the source', async () => {
  for (const { in: input, out } of [...images, ...indexes]) {
    if (typeof out !== 'string') continue;
    const [content, options] = input;
    await assert.rejects(
      membersFrom(content, { ...options, line: 7 }),
      /^\w*Error: sources line 7: source7\b/,
    );
  }
});

test('a contradiction names both platforms and the fields', async () => {
  await assert.rejects(membersFrom(armv6, says('linux/arm/v7')), {
    message: 'sources line 1: source1 is declared linux/arm/v7, but its config says linux/arm/v6 (variant)',
  });
});

test('a broken config is no bug of ours', async () => {
  const image = makeImage('linux/amd64', {
    configPlatform: { architecture: 7 as unknown as string, os: 'linux' },
  });
  await assert.rejects(membersFrom(image), { name: 'SourceError', code: 'SOURCE_NOT_AN_IMAGE' });
});

test('an image’s entry has type, digest, size, platform, and annotations of source and line', async () => {
  const [member] = await membersFrom(amd64, {
    says: 'annotation.a=line',
    annotations: { a: 'source', b: 'source' },
  });
  assert.deepEqual(member?.descriptor, {
    mediaType: amd64.mediaType,
    digest: amd64.digest,
    size: amd64.size,
    platform: { architecture: 'amd64', os: 'linux' },
    annotations: { a: 'line', b: 'source' },
  });
  assert.deepEqual([member?.suppliedBy, member?.attestationSubject, member?.line], ['image', undefined, 1]);
});

test('an index’s entries keep their fields; the line’s annotations go onto images, not onto attestations', async () => {
  const index = makeIndex(
    [{ content: amd64, annotations: { a: 'entry', b: 'entry' }, fields: { 'x-unknown': [1] } }],
    {
      attestations: true,
    },
  );
  const [image, attestation] = await membersFrom(index, says('annotation.a=line'));
  assert.deepEqual(image?.descriptor.annotations, { a: 'line', b: 'entry' });
  assert.deepEqual(image?.descriptor['x-unknown'], [1]);
  assert.equal(image?.suppliedBy, 'index');
  assert.equal(attestation?.attestationSubject, amd64.digest);
  assert.equal(attestation?.descriptor.annotations?.['a'], undefined);
});

test('children are read by digest, not by platform', async () => {
  const [member] = await membersFrom(makeIndex([amd64]));
  assert.equal(member?.manifest.digest, amd64.digest);
  assert.deepEqual(Buffer.from(member?.manifest.bytes ?? []), amd64.bytes);
});
