import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describePlatform } from '../../../src/oci/platform.ts';
import { clientsOf } from '../../../src/policy/client.ts';
import { choicesOf, type PullChange, pullChanges } from '../../../src/policy/client-choice.ts';
import type { Choosable, PulledEntry } from '../../../src/policy/puller.ts';
import { pulledLists } from '../../support/rigs/pulled-lists.ts';
import { attestationOf, entryOf, type PlatformLike, windows } from './entries.ts';

/** Entries named by their place, so that two of one platform differ. */
function listOf(...platforms: readonly PlatformLike[]): readonly Choosable[] {
  return platforms.map((each, at) => entryOf(each, `entry ${at}`));
}

/** What each client pulls, as the table of lists writes it. */
function pullsOf(entries: readonly Choosable[]): Readonly<Record<string, string>> {
  const place = (pulled: PulledEntry | undefined) => (pulled ? `${entries.indexOf(pulled.entry)}` : '-');
  const rows = choicesOf(entries, clientsOf(entries)).flatMap(({ client, containerd, skopeo }) => {
    const main = `${place(containerd)}${containerd?.how === 'fallback' ? '~' : ''}`;
    const other = containerd?.entry === skopeo?.entry ? [] : [place(skopeo)];
    return containerd === undefined && skopeo === undefined
      ? []
      : [[client.name, [main, ...other].join(' ')]];
  });
  return Object.fromEntries(rows);
}

describe('what every client pulls', () => {
  for (const { name, platforms, pulls } of pulledLists)
    it(name, () => assert.deepEqual(pullsOf(listOf(...platforms)), pulls));
  it('names as people write them', () =>
    assert.deepEqual(pullsOf(listOf('Linux/x86_64', 'linux/armhf')), {
      ...{ 'linux/amd64': '0 -', 'linux/amd64/v2': '0~ -', 'linux/amd64/v3': '0~ -' },
      ...{ 'linux/arm64': '1~ -', 'linux/arm/v7': '1 -' },
    }));
  it('nothing of no list, and no attestation', () => {
    assert.deepEqual(pullsOf([]), {});
    assert.deepEqual(pullsOf([attestationOf(entryOf('linux/amd64'))]), {});
  });
  it('a row for clients that get nothing', () => {
    const entries = listOf('linux/amd64');
    const choices = choicesOf(entries, clientsOf(entries));
    const row = choices.find(({ client }) => client.name === 'linux/s390x');
    assert.deepEqual([row?.containerd, row?.skopeo], [undefined, undefined]);
  });
  it('the clients of several lists once each', () => {
    const names = clientsOf(listOf('linux/mips64le'), listOf('linux/amd64', windows('10.0.20348.1'))).map(
      ({ name }) => name,
    );
    assert.deepEqual(names.slice(-2), ['windows/amd64 (10.0.20348)', 'linux/mips64le']);
    assert.equal(new Set(names).size, names.length);
  });
});

/** A change as a line of text, entries by their platform. */
function line({ puller, before, now, clients }: PullChange): string {
  const name = (entry: Choosable | undefined) =>
    entry?.platform === undefined ? '-' : describePlatform(entry.platform);
  return `${puller}: ${name(before)} → ${name(now)} on ${clients.map((client) => client.name).join(' ')}`;
}

const erofs = { os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] };

describe('clients that get another image than before', () => {
  type Platforms = readonly PlatformLike[];
  const table: readonly (readonly [
    name: string,
    before: Platforms,
    now: Platforms,
    out: readonly string[],
  ])[] = [
    [
      'none of a list with the same platforms',
      ['linux/amd64', 'linux/arm/v7'],
      ['linux/amd64', 'linux/arm/v7'],
      [],
    ],
    ['none of other spellings', ['linux/arm64'], ['linux/arm64/v8'], []],
    [
      'none that get their own image at last',
      ['linux/arm/v6'],
      ['linux/arm/v6', 'linux/arm/v7', 'linux/arm64'],
      [],
    ],
    ['none that got nothing before', ['linux/amd64'], ['linux/amd64', 'linux/386'], []],
    [
      'none of a removed platform, which the guard reports',
      ['linux/amd64', 'linux/arm/v7'],
      ['linux/amd64'],
      [],
    ],
    ['none of a new Windows update', [windows('10.0.20348.1')], [windows('10.0.20348.2')], []],
    [
      'none of a new version on Linux',
      [{ ...erofs, 'os.version': '1' }],
      [{ ...erofs, 'os.version': '2' }],
      [],
    ],
    [
      'an image that nobody asks for in the place of the plain one',
      ['linux/amd64'],
      [erofs],
      [
        'containerd: linux/amd64 → - on linux/amd64 linux/amd64/v2 linux/amd64/v3',
        'skopeo: linux/amd64 → linux/amd64 (erofs) on linux/amd64 linux/amd64/v2 linux/amd64/v3',
      ],
    ],
    [
      'the plain image behind another one',
      ['linux/amd64', erofs],
      [erofs, 'linux/amd64'],
      ['skopeo: linux/amd64 → linux/amd64 (erofs) on linux/amd64 linux/amd64/v2 linux/amd64/v3'],
    ],
    [
      'ARM without variant, which podman takes last',
      ['linux/arm/v6', 'linux/arm/v7'],
      ['linux/arm/v6', 'linux/arm'],
      ['skopeo: linux/arm/v7 → linux/arm/v6 on linux/arm/v7'],
    ],
    [
      'spellings that podman does not know',
      ['linux/amd64'],
      ['linux/x86_64'],
      ['skopeo: linux/amd64 → - on linux/amd64 linux/amd64/v2 linux/amd64/v3'],
    ],
    ['a Windows image for another build', [windows()], [windows(), windows('10.0.20348.1')], []],
  ];
  for (const [name, before, now, out] of table)
    it(name, () => assert.deepEqual(pullChanges(listOf(...before), listOf(...now)).map(line), out));
});
