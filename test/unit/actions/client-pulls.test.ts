import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warnOfPulls, withPulls } from '../../../src/actions/summary/client-pulls.ts';
import { clientTable } from '../../../src/actions/summary/client-table.ts';
import type { ClientPull, Result } from '../../../src/actions/summary/report.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { type Manifest, parseManifest } from '../../../src/oci/manifest.ts';
import { ociIndex } from '../../../src/oci/media-types.ts';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { makeImage } from '../../support/images/images.ts';
import { resultOf, tagOf } from '../../support/rigs/report-rig.ts';
import { Told } from '../../support/rigs/wire-rig.ts';
import { digestFor, entryOf, windows } from '../policy/entries.ts';

function listOf(...platforms: readonly string[]): readonly Descriptor[] {
  return platforms.map((each, at) => entryOf(each, `${each} ${at}`));
}

/** The entries that clients pull, beside those that they pulled before. */
async function pullsOf(
  entries: readonly Descriptor[],
  before?: readonly Descriptor[],
): Promise<readonly ClientPull[]> {
  const result = await resultOf({ served: manifestOf(entries), before: before && previousOf(before) });
  return withPulls(result).pulls ?? [];
}

function previousOf(entries: readonly Descriptor[]): NonNullable<Result['before']> {
  const previous = entries.map(({ digest, platform }) => {
    return { digest, platform: platform ?? { os: '', architecture: '' } };
  });
  return { tag: '1', digest: digestFor('before'), entries: previous };
}

function manifestOf(manifests: readonly Descriptor[]): Manifest {
  const document = { schemaVersion: 2, mediaType: ociIndex, manifests };
  return parseManifest(Buffer.from(JSON.stringify(document)), ociIndex);
}

function warningsOf(...lists: readonly (readonly [before: Entries, now: Entries])[]): readonly string[] {
  const told = new Told();
  const results = lists.map(([before, now]) => {
    const served = manifestOf(now);
    return { served, members: [], tags: [tagOf('ghcr.io/acme/app:1')], before: previousOf(before) };
  });
  warnOfPulls(results, told);
  return told.warnings;
}

/** `client: before → now` for each client. */
function rows(pulls: readonly ClientPull[]): readonly string[] {
  const name = (entry: ClientPull['entry'] | undefined) =>
    typeof entry === 'object' ? (entry.platform?.variant ?? entry.platform?.architecture) : entry;
  return pulls.map(({ client, entry, before }) => `${client}: ${name(before)} → ${name(entry)}`);
}

test('what clients pull, beside what they pulled before', async () => {
  const pulls = await pullsOf(listOf('linux/arm64', 'linux/arm/v6'), listOf('linux/arm/v7', 'linux/386'));
  const found = rows(pulls).filter((row) => !row.endsWith('none → none'));
  assert.deepEqual(found, [
    'linux/amd64: 386 → none',
    'linux/amd64/v2: 386 → none',
    'linux/amd64/v3: 386 → none',
    'linux/arm64: v7 → arm64',
    'linux/arm/v7: v7 → v6',
    'linux/arm/v6: none → v6',
    'linux/386: 386 → none',
  ]);
});

test('without a list before there is nothing to compare with', async () =>
  assert.deepEqual(rows(await pullsOf([entryOf(windows('10.0.20348.1'))])), [
    'windows/amd64 (10.0.20348): undefined → amd64',
  ]));

const erofs = entryOf({ os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] }, 'erofs');
const ours = 'linux/amd64, linux/amd64/v2, linux/amd64/v3';

type Entries = readonly Descriptor[];
const warned: readonly (readonly [name: string, before: Entries, now: Entries, out: readonly string[]])[] = [
  [
    'none for a list of the same platforms',
    listOf('linux/amd64', 'linux/arm/v7'),
    listOf('linux/amd64', 'linux/arm/v7'),
    [],
  ],
  ['none without a list before', [], listOf('linux/amd64', 'linux/arm/v7'), []],
  ['none for no entry', listOf('linux/amd64'), [], []],
  [
    'no image for machines that had one, and another one',
    listOf('linux/amd64'),
    [erofs],
    [
      `Clients on ${ours} pulled the image for linux/amd64 from the list before; they now find no image for them.\nClients on ${ours} pulled the image for linux/amd64 from the list before; they now pull the image for linux/amd64 (erofs) (${digestFor('erofs')}) with podman and skopeo.`,
    ],
  ],
];
for (const [name, before, now, out] of warned)
  test(`warnings: ${name}`, () => assert.deepEqual(warningsOf([before, now]), out));

test('of very many changes the first are in the warning', () => {
  const before = Array.from({ length: 8 }, (_, at) => entryOf(windows(`10.0.${20_348 + at}.1`), `old ${at}`));
  const now = before.map((entry, at) =>
    entryOf({ ...windows(), ...entry.platform, 'os.features': ['other'] }, `new ${at}`),
  );
  const many = warningsOf([before, now])[0]?.split('\n') ?? [];
  assert.equal(many.length, 6);
  assert.equal(many[5], 'Clients pull 3 more images that they did not pull before.');
});

test('of several lists, a warning names its own', () => {
  const warnings = warningsOf([listOf('linux/386'), listOf('linux/i386')], [[], listOf('linux/amd64')]);
  assert.deepEqual(warnings, [
    'ghcr.io/acme/app:1: Clients on linux/386 pulled the image for linux/386 from the list before; they now find no image for them with podman and skopeo.',
  ]);
});

test('a single image has no pulls', async () => {
  const result = await resultOf({}, makeImage('linux/arm/v6'));
  assert.equal(withPulls(result).pulls, undefined);
});

test('the table shows what changed, and has all rows folded', () => {
  const entry = (name: string) => ({
    platform: { os: 'linux', architecture: name },
    digest: digestFor(name),
  });
  const pull = (name: string, before: ClientPull['before']) => ({
    client: `linux/${name}/v2`,
    entry: entry(name),
    before,
  });
  const [shown = '', rest = ''] = clientTable(
    [...'abc'].map((each) => pull(each, each === 'b' ? 'none' : entry(each))),
  ).split('<details>');
  assert.deepEqual(shown.trim().split('\n').slice(2), ['| linux/b/v2 | **linux/b** | nothing |']);
  assert.deepEqual(rest.match(/^\| linux.*/gm), [
    '| linux/b/v2 | **linux/b** | nothing |',
    '| linux/a/v2 | linux/a | linux/a |',
    '| linux/c/v2 | linux/c | linux/c |',
  ]);
  const all = [...'abcdefgh'].map((each) => pull(each, 'none'));
  assert.equal(
    clientTable(all)
      .split('<details>')[0]
      ?.match(/^\| linux/gm)?.length,
    5,
  );
  assert.doesNotMatch(clientTable(all.slice(0, 5)), /<details>/);
  assert.match(clientTable([pull('a', entry('a'))]), /^<details>/);
});

test('clients that get nothing, as before, have no row', () => {
  const nothing: ClientPull = { client: 'linux/386', entry: 'none' };
  assert.equal(clientTable([nothing, { ...nothing, before: 'none' }]), '');
  const before = { platform: parsePlatform('linux/386'), digest: digestFor('386') };
  assert.match(clientTable([{ ...nothing, before }]), /^\| linux\/386 \| \*\*nothing\*\* \| linux\/386 \|$/m);
});

test('an added or a removed platform is folded, because the table of platforms tells it', () => {
  const own = (platform: string) => ({ platform: parsePlatform(platform), digest: digestFor(platform) });
  const table = clientTable([
    { client: 'linux/386', entry: 'none', before: own('linux/386') },
    { client: 'linux/arm', entry: own('linux/arm'), before: 'none' },
  ]);
  assert.match(table, /^<details>/);
  assert.match(table, /^\| linux\/386 \| \*\*nothing\*\* \| linux\/386 \|$/m);
  const other = clientTable([{ client: 'linux/amd64', entry: 'none', before: own('linux/386') }]);
  assert.match(other, /^\| Clients on/);
});
