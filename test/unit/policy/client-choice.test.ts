import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { describePlatform } from '../../../src/oci/platform.ts';
import { clientsOf } from '../../../src/policy/client.ts';
import { type ClientFinding, choicesOf, findingsOf } from '../../../src/policy/client-choice.ts';
import { attestationOf, entryOf, type PlatformLike, windows } from './entries.ts';

/** Entries named by their place, so that two of one platform differ. */
function listOf(...platforms: readonly PlatformLike[]): readonly Descriptor[] {
  return platforms.map((each, at) => entryOf(each, `entry ${at}`));
}

/** `client: place how` for every client that gets something. */
function rowsOf(entries: readonly Descriptor[]): readonly string[] {
  return choicesOf(entries, clientsOf(entries)).flatMap(({ client, entry, how }) =>
    entry === undefined ? [] : [`${client.name}: ${entries.indexOf(entry)} ${how}`],
  );
}

describe('what every client gets', () => {
  const table: readonly (readonly [name: string, given: readonly Descriptor[], out: readonly string[]])[] = [
    [
      'a list of three',
      listOf('linux/amd64', 'linux/arm64', 'linux/arm/v7'),
      [
        'linux/amd64: 0 exact',
        'linux/amd64/v2: 0 fallback',
        'linux/amd64/v3: 0 fallback',
        'linux/arm64: 1 exact',
        'linux/arm/v7: 2 exact',
      ],
    ],
    [
      'ARM machines without an image of their own',
      listOf('linux/arm/v6'),
      ['linux/arm64: 0 fallback', 'linux/arm/v7: 0 fallback', 'linux/arm/v6: 0 exact'],
    ],
    [
      'the best level that fits, in any order',
      listOf('linux/386', 'linux/amd64/v2', 'linux/amd64', 'linux/amd64/v3'),
      ['linux/amd64: 2 exact', 'linux/amd64/v2: 1 exact', 'linux/amd64/v3: 3 exact', 'linux/386: 0 exact'],
    ],
    [
      'names as people write them',
      listOf('Linux/x86_64', 'linux/aarch64/v8', 'linux/armhf'),
      [
        'linux/amd64: 0 exact',
        'linux/amd64/v2: 0 fallback',
        'linux/amd64/v3: 0 fallback',
        'linux/arm64: 1 exact',
        'linux/arm/v7: 2 exact',
      ],
    ],
    [
      'a platform nobody has on the list of common ones',
      listOf('darwin/arm64', 'freebsd/amd64'),
      ['darwin/arm64: 0 exact', 'freebsd/amd64: 1 exact'],
    ],
    [
      'a better arm64 than the common one',
      listOf('linux/arm64/v8.2', 'linux/arm64'),
      ['linux/arm64: 1 exact', 'linux/arm64/v8.2: 0 exact'],
    ],
    [
      'Windows builds: old ones exactly, newer ones also the release before',
      listOf(windows('10.0.17763.5576'), windows('10.0.20348.2340')),
      ['windows/amd64 (10.0.17763): 0 exact', 'windows/amd64 (10.0.20348): 1 exact'],
    ],
    [
      'the own Windows build of a host, in any order',
      listOf(windows('10.0.20348.2340'), windows('10.0.26100.1')),
      ['windows/amd64 (10.0.20348): 0 exact', 'windows/amd64 (10.0.26100): 1 exact'],
    ],
    ['a Windows image without version', listOf(windows(undefined, ['win32k'])), ['windows/amd64: 0 exact']],
    [
      'a Windows image for one build and one for the others',
      listOf(windows('10.0.20348.1'), windows()),
      ['windows/amd64 (10.0.20348): 0 exact', 'windows/amd64 (other builds): 1 exact'],
    ],
    [
      'an entry without platform, last',
      listOf(null, 'linux/riscv64'),
      [
        ...'amd64 amd64/v2 amd64/v3 arm64 arm/v7 arm/v6 arm/v5 386 ppc64le s390x'
          .split(' ')
          .map((each) => `linux/${each}: 0 fallback`),
        'linux/riscv64: 1 exact',
        'linux/loong64: 0 fallback',
      ],
    ],
    ['nothing', [], []],
    ['only an attestation', [attestationOf(entryOf('linux/amd64'))], []],
  ];
  for (const [name, input, out] of table) it(name, () => assert.deepEqual(rowsOf(input), out));

  it('prefers the entry whose os.features the client has most of', () => {
    const entries = listOf(windows('10.0.20348.1'), windows('10.0.20348.1', ['win32k']));
    assert.deepEqual(rowsOf(entries), ['windows/amd64 (10.0.20348): 1 exact']);
  });
  it('keeps a row for clients that get nothing', () => {
    const entries = listOf('linux/amd64');
    const choices = choicesOf(entries, clientsOf(entries));
    const row = choices.find(({ client }) => client.name === 'linux/s390x');
    assert.deepEqual([row?.entry, row?.how, row?.elsewhere], [undefined, 'none', []]);
  });
  it('asks about the clients of several lists once each', () => {
    const names = clientsOf(listOf('linux/mips64le'), listOf('linux/amd64', windows('10.0.20348.1'))).map(
      ({ name }) => name,
    );
    assert.deepEqual(names.slice(-2), ['windows/amd64 (10.0.20348)', 'linux/mips64le']);
    assert.equal(new Set(names).size, names.length);
  });
});

/** A finding as a line of text, entries by their place. */
function line(entries: readonly Descriptor[], finding: ClientFinding): string {
  const at = (entry: Descriptor | undefined) => (entry === undefined ? '-' : `${entries.indexOf(entry)}`);
  const name = `${at(finding.entry)} (${finding.entry.platform ? describePlatform(finding.entry.platform) : ''})`;
  if (finding.kind === 'unreachable') return `unreachable ${name} hidden by ${at(finding.hiddenBy)}`;
  const clients = finding.clients.map((client) => client.name).join(' ');
  if (finding.kind === 'fallback') return `fallback ${name} on ${clients}`;
  return `disputed ${name}, ${finding.other.puller} takes ${at(finding.other.entry)} on ${clients}`;
}

describe('findings', () => {
  const table: readonly (readonly [name: string, given: readonly Descriptor[], out: readonly string[]])[] = [
    [
      'none for an ordinary list',
      listOf('linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5'),
      [],
    ],
    [
      'an arm/v7 machine that gets v6',
      listOf('linux/amd64', 'linux/arm64', 'linux/arm/v6'),
      ['fallback 2 (linux/arm/v6) on linux/arm/v7'],
    ],
    [
      'an amd64 machine that gets 386',
      listOf('linux/386', 'linux/arm64'),
      ['fallback 0 (linux/386) on linux/amd64 linux/amd64/v2 linux/amd64/v3'],
    ],
    [
      'an arm64 machine that gets a 32-bit image',
      listOf('linux/amd64', 'linux/arm/v7'),
      ['fallback 1 (linux/arm/v7) on linux/arm64'],
    ],
    [
      'an amd64 entry behind another',
      listOf('linux/amd64', 'linux/arm64', 'linux/x86_64/v1'),
      ['unreachable 2 (linux/x86_64/v1) hidden by 0'],
    ],
    [
      'os.features that no Linux machine has',
      listOf('linux/amd64', { os: 'linux', architecture: 'arm64', 'os.features': ['magic'] }),
      ['unreachable 1 (linux/arm64 (magic)) hidden by -'],
    ],
    [
      'a Windows version that says nothing',
      listOf(windows('10.0.20348.1'), windows('ltsc2022')),
      ['unreachable 1 (windows/amd64 (ltsc2022)) hidden by 0'],
    ],
    [
      'none for the official images of Debian',
      listOf(
        ...['amd64', 'arm/v5', 'arm/v7', 'arm64/v8', '386', 'mips64le', 'ppc64le', 'riscv64', 's390x'].map(
          (each) => `linux/${each}`,
        ),
      ),
      [],
    ],
    [
      'none for Linux and Windows builds in any order',
      listOf(
        'linux/amd64',
        'linux/arm64',
        ...['10.0.17763.5576', '10.0.20348.2340', '10.0.26100.1'].map((version) => windows(version)),
      ),
      [],
    ],
    [
      'none for a list of one platform, whose author knows what it is for',
      [entryOf('linux/arm/v6'), attestationOf(entryOf('linux/arm/v6'))],
      [],
    ],
    [
      'none for one image under two platforms',
      [entryOf('linux/amd64', 'one'), entryOf('linux/x86_64', 'one')],
      [],
    ],
    [
      'none for the zstd copies that podman lists',
      ['linux/amd64', 'linux/arm64'].flatMap((each) => [
        entryOf(each),
        {
          ...entryOf(each, `${each} zstd`),
          annotations: { 'io.github.containers.compression.zstd': 'true' },
        },
      ]),
      [],
    ],
    [
      'a Windows image of a build that another one has already',
      listOf(windows('10.0.20348.1'), windows('10.0.20348.2')),
      ['unreachable 1 (windows/amd64 (10.0.20348.2)) hidden by 0'],
    ],
    [
      'arm without variant, which podman takes for the last resort',
      listOf('linux/arm64', 'linux/arm/v6', 'linux/arm'),
      ['disputed 2 (linux/arm), skopeo takes 1 on linux/arm/v7'],
    ],
    [
      'no attestation',
      [entryOf('linux/amd64'), attestationOf(entryOf('linux/amd64')), entryOf('linux/arm64')],
      [],
    ],
  ];
  for (const [name, input, out] of table)
    it(name, () => {
      const found = findingsOf(input, choicesOf(input, clientsOf(input)));
      const seen = found.map((finding) => line(input, finding));
      assert.deepEqual(seen, out);
    });
});
