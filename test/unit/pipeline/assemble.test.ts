import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectAnnotations, parseAnnotation } from '../../../src/oci/annotations.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { dockerList, ociIndex, ociManifest } from '../../../src/oci/media-types.ts';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { type Assembled, type AssemblyRules, assemble } from '../../../src/pipeline/assemble.ts';
import { membersOf } from '../../../src/pipeline/member.ts';
import { type SelectionRules, selectMembers } from '../../../src/pipeline/selection.ts';
import { ActionError } from '../../../src/run/errors.ts';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { plannedList, type ResolvedOptions, resolvedOf } from '../../support/rigs/source-rig.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const dockerAmd64 = makeImage('linux/amd64', { types: 'docker' });
const dockerArm64 = makeImage('linux/arm64', { types: 'docker' });
// Written in another way than this action's, so that the tests can tell an index that was written again.
const pair = makeIndex([amd64, arm64], { indent: 1 });
const attested = makeIndex([amd64, arm64], { attestations: true });
const dockerPair = makeIndex([dockerAmd64, dockerArm64], { types: 'docker', indent: 3 });

type Source = TestContent | readonly [TestContent, ResolvedOptions];

interface Given {
  readonly in: readonly Source[];
  readonly annotations?: readonly string[];
  readonly rules?: Partial<Omit<AssemblyRules, 'annotations'>> & Partial<Omit<SelectionRules, 'platforms'>>;
  readonly platforms?: readonly string[];
}

async function assembleFrom({
  in: sources,
  annotations = [],
  rules,
  platforms = [],
}: Given): Promise<Assembled> {
  const roots = sources.map((source, at) => {
    const [content, options] = (Array.isArray(source) ? source : [source, {}]) as [
      TestContent,
      ResolvedOptions,
    ];
    return resolvedOf(content, { ...options, line: at + 1 });
  });
  const all = (await Promise.all(roots.map(membersOf))).flat();
  const wanted = {
    attestations: 'keep',
    duplicatePlatforms: 'error',
    missingPlatforms: 'refuse',
    ...rules,
  } as const;
  const members = selectMembers(all, { ...wanted, platforms: platforms.map(parsePlatform) }, new Told());
  const levels = collectAnnotations(annotations.map(parseAnnotation));
  const request = { annotations: levels, format: 'auto', index: 'always', ...rules } as const;
  return assemble(plannedList(request, members, roots), { observer: new Told() });
}

interface Case extends Given {
  readonly name: string;
  /** The digest it keeps, the type of a new index, or an error's code. */
  readonly out: string;
}

const table: readonly Case[] = [
  { name: 'OCI images become an OCI index', in: [amd64, arm64], out: ociIndex },
  { name: 'Docker images become a Docker list', in: [dockerAmd64, dockerArm64], out: dockerList },
  { name: 'mixed images become an OCI index', in: [dockerAmd64, arm64], out: ociIndex },
  {
    name: 'Docker images become an OCI index when asked',
    in: [dockerAmd64],
    rules: { format: 'oci' },
    out: ociIndex,
  },
  {
    name: 'an OCI image first makes docker’s format an OCI index',
    in: [amd64, arm64],
    rules: { format: 'docker' },
    out: ociIndex,
  },
  { name: 'annotations make an OCI index', in: [dockerAmd64], annotations: ['a=b'], out: ociIndex },
  {
    name: 'annotations and a Docker list',
    in: [dockerAmd64],
    annotations: ['a=b'],
    rules: { format: 'docker' },
    out: 'FORMAT',
  },
  {
    name: 'annotations of an entry and a Docker list',
    in: [[dockerAmd64, { says: 'annotation.a=b' }]],
    rules: { format: 'docker' },
    out: 'FORMAT',
  },
  { name: 'a single image is wrapped', in: [amd64], out: ociIndex },
  { name: 'a single image, unchanged', in: [amd64], rules: { index: 'needed' }, out: amd64.digest },
  {
    name: 'two images where no index is needed',
    in: [amd64, arm64],
    rules: { index: 'needed' },
    out: ociIndex,
  },
  {
    name: 'a list of one image and an attestation where no index is needed',
    in: [makeIndex([amd64], { attestations: true })],
    rules: { index: 'needed' },
    out: makeIndex([amd64], { attestations: true }).digest,
  },
  {
    name: 'the same without attestations',
    in: [makeIndex([amd64], { attestations: true })],
    rules: { index: 'needed', attestations: 'drop' },
    out: ociManifest,
  },
  {
    name: 'the one image that is left of a list',
    in: [pair],
    platforms: ['linux/amd64'],
    rules: { index: 'needed' },
    out: ociManifest,
  },
  {
    name: 'a list of one image and an annotation of the line',
    in: [[makeIndex([amd64]), { says: 'annotation.a=b' }]],
    rules: { index: 'needed' },
    out: ociIndex,
  },
  {
    name: 'a single image with an annotation of its own',
    in: [[amd64, { says: 'annotation.a=b' }]],
    rules: { index: 'needed' },
    out: ociIndex,
  },
  {
    name: 'a single image with an annotation of the index',
    in: [amd64],
    annotations: ['a=b'],
    rules: { index: 'needed' },
    out: ociIndex,
  },
  { name: 'a single list, unchanged', in: [pair], out: pair.digest },
  { name: 'a single list with attestations, unchanged', in: [attested], out: attested.digest },
  { name: 'a single Docker list, unchanged', in: [dockerPair], out: dockerPair.digest },
  {
    name: 'a single list that has the format already',
    in: [pair],
    rules: { format: 'oci' },
    out: pair.digest,
  },
  { name: 'a single list of another format', in: [dockerPair], rules: { format: 'oci' }, out: ociIndex },
  {
    name: 'a single list with annotations of its own',
    in: [makeIndex([amd64], { annotations: { a: 'b' } })],
    out: makeIndex([amd64], { annotations: { a: 'b' } }).digest,
  },
  {
    name: 'a single list with exactly the platforms asked for',
    in: [pair],
    platforms: ['linux/arm64', 'linux/amd64'],
    out: pair.digest,
  },
  {
    name: 'a single list with more than the platforms asked for',
    in: [pair],
    platforms: ['linux/arm64'],
    out: ociIndex,
  },
  {
    name: 'a single list without its attestations',
    in: [attested],
    rules: { attestations: 'drop' },
    out: ociIndex,
  },
  {
    name: 'a single list of which one entry is picked',
    in: [[pair, { says: 'linux/amd64' }]],
    out: ociIndex,
  },
  { name: 'a single list with annotations', in: [pair], annotations: ['a=b'], out: ociIndex },
  {
    name: 'a single list with an annotation of an entry',
    in: [pair],
    annotations: ['manifest-descriptor[linux/arm64]:a=b'],
    out: ociIndex,
  },
  { name: 'a list and an image', in: [pair, makeImage('linux/s390x')], out: ociIndex },
  { name: 'a list twice', in: [pair, pair], out: ociIndex },
  {
    name: 'a list of one image where no index is needed',
    in: [makeIndex([amd64])],
    rules: { index: 'needed' },
    out: ociManifest,
  },
  {
    name: 'a single list with an entry without a platform',
    in: [makeIndex([{ content: amd64, platform: null }])],
    out: makeIndex([{ content: amd64, platform: null }]).digest,
  },
  {
    name: 'a single list whose only entry is declared',
    in: [[makeIndex([{ content: amd64, platform: null }]), { says: 'linux/amd64' }]],
    out: ociIndex,
  },
  { name: 'a list within a list', in: [makeIndex([{ content: pair, platform: null }])], out: ociIndex },
  {
    name: 'an annotation for a missing platform',
    in: [amd64],
    annotations: ['manifest-descriptor[linux/arm64]:a=b'],
    out: 'ANNOTATION_UNMATCHED',
  },
  {
    name: 'an annotation for attestations',
    in: [attested],
    annotations: ['manifest-descriptor[unknown/unknown]:a=b'],
    out: ociIndex,
  },
  {
    name: 'an index larger than registries accept',
    in: [amd64],
    annotations: [`a=${'x'.repeat(4 * 1024 * 1024)}`],
    out: 'INDEX_TOO_LARGE',
  },
];

for (const given of table) {
  test(`assemble: ${given.name}`, async () => {
    const sources = given.in.map((source) => (Array.isArray(source) ? source[0] : source) as TestContent);
    let outcome: string;
    try {
      const { manifest } = await assembleFrom(given);
      const kept = sources.some(({ digest }) => digest === manifest.digest);
      outcome = kept ? manifest.digest : manifest.mediaType;
    } catch (error) {
      assert(error instanceof ActionError, String(error));
      outcome = error.code;
    }
    assert.equal(outcome, given.out);
  });
}

type Entry = { readonly digest: string; readonly annotations?: object; readonly platform?: object };

function entriesOf({ manifest }: Assembled): readonly Entry[] {
  return (JSON.parse(Buffer.from(manifest.bytes).toString()) as { manifests: Entry[] }).manifests;
}

test('assemble: entries keep the members’ order, and members are returned as the list has them', async () => {
  const made = await assembleFrom({ in: [arm64, amd64] });
  assert.deepEqual(
    entriesOf(made).map(({ digest }) => digest),
    [arm64.digest, amd64.digest],
  );
  assert.deepEqual(
    made.members.map(({ descriptor }) => descriptor.platform),
    entriesOf(made).map(({ platform }) => platform),
  );
});

test('assemble: annotations go to their level, and replace those that exist', async () => {
  const made = await assembleFrom({
    in: [[amd64, { says: 'annotation.a=line annotation.b=line' }], attested],
    annotations: [
      'top=1',
      'manifest:image=2',
      'manifest-descriptor:a=every',
      'manifest-descriptor[linux/arm64/v8]:c=arm',
      'manifest-descriptor[linux/amd64]:a=amd',
    ],
  });
  const document = JSON.parse(Buffer.from(made.manifest.bytes).toString()) as { annotations: object };
  assert.deepEqual(document.annotations, { image: '2', top: '1' });
  assert.deepEqual(
    entriesOf(made)
      .slice(0, 2)
      .map(({ annotations }) => annotations),
    [
      { a: 'amd', b: 'line' },
      { a: 'every', c: 'arm' },
    ],
  );
  for (const { annotations } of entriesOf(made).slice(2)) {
    assert.equal((annotations as Record<string, string>)['a'], 'every');
  }
});

test('assemble: in an OCI index a config’s platform is written as imagetools normalises it, a declared one as declared', async () => {
  const v8 = makeImage('linux/arm64/v8');
  assert.deepEqual(entriesOf(await assembleFrom({ in: [v8] }))[0]?.platform, {
    architecture: 'arm64',
    os: 'linux',
  });
  const declared = await assembleFrom({ in: [[v8, { says: 'linux/arm64/v8' }]] });
  assert.deepEqual(entriesOf(declared)[0]?.platform, { architecture: 'arm64', os: 'linux', variant: 'v8' });
});

test('assemble: in a Docker list a config’s platform is written unchanged', async () => {
  const made = await assembleFrom({ in: [makeImage('linux/arm64/v8', { types: 'docker' })] });
  assert.deepEqual(entriesOf(made)[0]?.platform, { architecture: 'arm64', os: 'linux', variant: 'v8' });
});

test('assemble: a manifest published unchanged has a sha256 digest, whatever digest the source named', async () => {
  for (const [content, rules] of [
    [pair, {}],
    [amd64, { index: 'needed' }],
  ] as const) {
    const digest = digestOf(content.bytes, 'sha512');
    const { manifest } = await assembleFrom({ in: [[content, { digest }]], rules });
    assert.equal(manifest.digest, content.digest as Digest);
    assert.deepEqual(Buffer.from(manifest.bytes), content.bytes);
  }
});

test('assemble: an image named by its sha512 digest is listed by it', async () => {
  const digest = digestOf(amd64.bytes, 'sha512');
  const made = await assembleFrom({ in: [[amd64, { digest }]] });
  assert.equal(entriesOf(made)[0]?.digest, digest);
});
