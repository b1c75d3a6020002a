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
  const previous = before?.map(({ digest, platform }) => {
    return { digest, platform: platform ?? { os: '', architecture: '' } };
  });
  const list = { tag: '1', digest: digestFor('before'), entries: previous ?? [] };
  const result = await resultOf({ served: manifestOf(entries), before: before && list });
  return withPulls(result).pulls ?? [];
}

function manifestOf(manifests: readonly Descriptor[]): Manifest {
  const document = { schemaVersion: 2, mediaType: ociIndex, manifests };
  return parseManifest(Buffer.from(JSON.stringify(document)), ociIndex);
}

function warningsOf(...lists: readonly Manifest[]): readonly string[] {
  const told = new Told();
  const results = lists.map(
    (served) =>
      ({ served, members: [], tags: [tagOf('ghcr.io/acme/app:1')] }) as Pick<
        Result,
        'served' | 'members' | 'tags'
      >,
  );
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

const warned: readonly (readonly [name: string, given: readonly Descriptor[], out: readonly string[]])[] = [
  ['none for an ordinary list', listOf('linux/amd64', 'linux/arm64', 'linux/arm/v7'), []],
  ['none for no entry', [], []],
  [
    'an older image on a newer machine',
    listOf('linux/amd64', 'linux/arm64', 'linux/arm/v6'),
    ['Clients on linux/arm/v7 will pull the image for linux/arm/v6, because the list has no image for them.'],
  ],
  [
    'an entry behind an equal one',
    listOf('linux/amd64', 'linux/arm64', 'linux/x86_64'),
    [
      `Docker and containerd never pull the image for linux/x86_64 (${digestFor('linux/x86_64 2')}), because they choose the image for linux/amd64 (${digestFor('linux/amd64 0')}) on the same machines.`,
    ],
  ],
  [
    'an entry for no machine',
    [entryOf({ os: 'linux', architecture: 'amd64', 'os.features': ['magic'] }, 'magic')],
    [
      `No client pulls the image for linux/amd64 (magic) (${digestFor('magic')}): its os.version or os.features fit no common machine.`,
    ],
  ],
  [
    'clients that do not agree',
    listOf('linux/arm64', 'linux/arm/v6', 'linux/arm'),
    [
      `Clients on linux/arm/v7 do not agree: Docker and containerd pull the image for linux/arm (${digestFor('linux/arm 2')}), but podman and skopeo pull the image for linux/arm/v6 (${digestFor('linux/arm/v6 1')}).`,
    ],
  ],
];
for (const [name, input, out] of warned)
  test(`warnings: ${name}`, () => assert.deepEqual(warningsOf(manifestOf(input)), out));

test('of very many findings the first are warnings', () => {
  const many = warningsOf(manifestOf(listOf(...Array.from({ length: 64 }, () => 'linux/amd64'))));
  assert.equal(many.length, 6);
  assert.equal(many[5], '58 more entries of the list may not be pulled as expected.');
});

test('of several lists, a warning names its own', () => {
  const lists = [listOf('linux/amd64', 'linux/arm/v6'), listOf('linux/amd64')].map(manifestOf);
  assert.deepEqual(warningsOf(...lists), [
    'ghcr.io/acme/app:1: Clients on linux/arm64, linux/arm/v7 will pull the image for linux/arm/v6, because the list has no image for them.',
  ]);
});

test('a single image has no pulls and no warnings', async () => {
  const result = await resultOf({}, makeImage('linux/arm/v6'));
  assert.equal(withPulls(result).pulls, undefined);
  assert.deepEqual(warningsOf(result.served), []);
});

test('the table shows what changed, and has all rows folded', () => {
  const entry = (name: string) => ({
    platform: { os: 'linux', architecture: name },
    digest: digestFor(name),
  });
  const pull = (name: string, before: ClientPull['before']) => ({
    client: `linux/${name}`,
    entry: entry(name),
    before,
  });
  const [shown = '', rest = ''] = clientTable(
    [...'abc'].map((each) => pull(each, each === 'b' ? 'none' : entry(each))),
  ).split('<details>');
  assert.deepEqual(shown.trim().split('\n').slice(2), ['| linux/b | **linux/b** | nothing |']);
  assert.deepEqual(rest.match(/^\| linux.*/gm), [
    '| linux/b | **linux/b** | nothing |',
    '| linux/a | linux/a | linux/a |',
    '| linux/c | linux/c | linux/c |',
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
