import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { FormatError } from '../../../src/oci/format-error.ts';
import type { JsonObject } from '../../../src/oci/json-document.ts';
import { type Amendment, amend } from '../../../src/policy/amendment.ts';
import { attestationOf, entryOf, windows } from './entries.ts';

const list = (...manifests: readonly object[]): { kind: 'list'; document: JsonObject } => ({
  kind: 'list',
  document: { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests },
});

const amd64 = entryOf('linux/amd64', 'old amd64');
const arm64 = entryOf('linux/arm64/v8', 'old arm64');
const newAmd64 = entryOf('linux/amd64', 'new amd64');
const newArm64 = entryOf('linux/arm64', 'new arm64');
const riscv = entryOf('linux/riscv64', 'riscv64');
const names = new Map<unknown, string>();
for (const [name, entry] of Object.entries({ amd64, arm64, newAmd64, newArm64, riscv })) {
  names.set(entry.digest, name);
  names.set(attestationOf(entry).digest, `about ${name}`);
}

function digests(entries: Amendment['entries']): readonly string[] {
  return entries.map(({ digest }) => names.get(digest) ?? String(digest));
}

function outcomes(amendment: Amendment): readonly string[] {
  return amendment.outcomes.map((outcome) => {
    const by = outcome.kind === 'replaced' ? ` by ${names.get(outcome.by.digest)}` : '';
    return `${names.get(outcome.entry.digest)} ${outcome.kind}${by}`;
  });
}

describe('amending a list', () => {
  const table: readonly (readonly [
    name: string,
    base: readonly Descriptor[],
    members: readonly Descriptor[],
    out: readonly string[],
    outcomes: readonly string[],
  ])[] = [
    ['appends a new platform', [amd64], [riscv], ['amd64', 'riscv'], ['amd64 kept', 'riscv added']],
    [
      'replaces a platform where it stands, however it is spelt',
      [arm64, amd64],
      [newArm64],
      ['newArm64', 'amd64'],
      ['arm64 replaced by newArm64', 'amd64 kept'],
    ],
    [
      'appends new platforms in their order',
      [],
      [riscv, newArm64, newAmd64],
      ['riscv', 'newArm64', 'newAmd64'],
      ['riscv added', 'newArm64 added', 'newAmd64 added'],
    ],
    [
      'takes the attestations of a replaced image away, and of no other',
      [amd64, arm64, attestationOf(amd64), attestationOf(arm64)],
      [newAmd64],
      ['newAmd64', 'arm64', 'about arm64'],
      ['amd64 replaced by newAmd64', 'arm64 kept', 'about amd64 removed', 'about arm64 kept'],
    ],
    [
      'takes members with their attestations',
      [amd64, attestationOf(amd64), arm64],
      [newAmd64, attestationOf(newAmd64)],
      ['newAmd64', 'arm64', 'about newAmd64'],
      ['amd64 replaced by newAmd64', 'about amd64 removed', 'arm64 kept', 'about newAmd64 added'],
    ],
    [
      'does nothing when all is there',
      [amd64, attestationOf(amd64), arm64],
      [amd64, attestationOf(amd64)],
      ['amd64', 'about amd64', 'arm64'],
      ['amd64 kept', 'about amd64 kept', 'arm64 kept'],
    ],
    [
      'keeps the attestations of an image that another platform still has',
      [amd64, { ...amd64, platform: { os: 'freebsd', architecture: 'amd64' } }, attestationOf(amd64)],
      [newAmd64],
      ['newAmd64', 'amd64', 'about amd64'],
      ['amd64 replaced by newAmd64', 'amd64 kept', 'about amd64 kept'],
    ],
    [
      'replaces every entry of a platform that is there twice',
      [amd64, arm64, { ...amd64, annotations: { 'io.github.containers.compression.zstd': 'true' } }],
      [newAmd64],
      ['newAmd64', 'arm64'],
      ['amd64 replaced by newAmd64', 'arm64 kept', 'amd64 replaced by newAmd64'],
    ],
  ];
  for (const [name, base, members, out, ends] of table)
    it(name, () => {
      const amendment = amend(list(...base), members);
      assert.deepEqual(digests(amendment.entries), out);
      assert.deepEqual(outcomes(amendment), ends);
      const again = amend(list(...amendment.entries), members);
      assert.equal(again.change, 'same');
      assert.deepEqual(again.entries, amendment.entries);
    });

  it('replaces a Windows image whose revision grew, and leaves other builds and Nano Server alone', () => {
    const [core, nano, newer] = [
      entryOf(windows('10.0.20348.1', ['win32k']), 'core'),
      entryOf(windows('10.0.20348.1'), 'nano'),
      entryOf(windows('10.0.26100.1', ['win32k']), 'newer'),
    ];
    const update = entryOf(windows('10.0.20348.2', ['win32k']), 'update');
    assert.deepEqual(amend(list(core, nano, newer), [update]).entries, [update, nano, newer]);
  });

  it('brings new attestations for the same image in place of the old ones', () => {
    const [before, after] = [attestationOf(amd64, 'before'), attestationOf(amd64, 'after')];
    const { entries } = amend(list(amd64, before, arm64), [amd64, after]);
    assert.deepEqual(entries, [amd64, arm64, after]);
  });

  it('takes an entry with a real platform for an image, whatever its annotations say', () => {
    const disguised = { ...riscv, annotations: attestationOf(amd64).annotations ?? {} };
    assert.deepEqual(amend(list(amd64, disguised), [newAmd64]).entries, [newAmd64, disguised]);
  });

  it('leaves the values of what stays as they are, empty and unknown fields too', () => {
    const kept = { ...arm64, annotations: {}, data: null, urls: [], 'x-future': [1, { b: 2, a: null }] };
    const document = {
      schemaVersion: 2,
      'x-first': { z: 1, a: 2 },
      manifests: [kept, amd64],
      annotations: { b: '2', a: '1' },
      subject: { mediaType: 'a/b', digest: 'sha256:00', size: 1, extra: true },
      artifactType: 'application/x',
    };
    const amendment = amend({ kind: 'list', document }, [newAmd64]);
    assert.equal(JSON.stringify(amendment.entries), JSON.stringify([kept, newAmd64]));
    assert.equal(amend({ kind: 'list', document }, [amd64]).change, 'same');
    assert.equal(amend({ kind: 'list', document }, [amd64]).entries[0], kept);
  });

  it('keeps a base entry as it is spelt when a member says the same', () => {
    const spelt = {
      size: amd64.size,
      platform: amd64.platform,
      annotations: null,
      digest: amd64.digest,
      mediaType: amd64.mediaType,
    };
    const amendment = amend(list(spelt), [amd64]);
    assert.deepEqual([amendment.change, amendment.entries[0]], ['same', spelt]);
  });

  it('changes an entry of which only the annotations are new', () => {
    const annotated = { ...amd64, annotations: { a: 'b' } };
    const amendment = amend(list(amd64, attestationOf(amd64)), [annotated]);
    assert.deepEqual(amendment.entries, [annotated, attestationOf(amd64)]);
    assert.equal(amendment.change, 'changed');
  });

  it('refuses what is not a list of descriptors', () => {
    assert.throws(() => amend(list(amd64, { digest: 'x' }), [riscv]), FormatError);
    assert.throws(() => amend({ kind: 'list', document: { manifests: 3 } }, [riscv]), FormatError);
  });
});

describe('amending a single image', () => {
  it('makes it the first entry', () => {
    const amendment = amend({ kind: 'image', descriptor: amd64 }, [newArm64]);
    assert.deepEqual(amendment.entries, [amd64, newArm64]);
    assert.equal(amendment.change, 'changed');
  });
  it('replaces it', () => {
    const amendment = amend({ kind: 'image', descriptor: amd64 }, [newAmd64]);
    assert.deepEqual(outcomes(amendment), ['amd64 replaced by newAmd64']);
  });
  it('makes a list of it also when it is the member', () => {
    const amendment = amend({ kind: 'image', descriptor: amd64 }, [amd64]);
    assert.deepEqual([outcomes(amendment), amendment.change], [['amd64 kept'], 'changed']);
  });
});
