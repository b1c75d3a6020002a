import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { isDigest } from '../../src/oci/digest.ts';
import { type AmendBase, amend } from '../../src/policy/amendment.ts';
import { platformSlot } from '../../src/policy/platform-slot.ts';
import { attestationOf, entryOf } from '../unit/policy/entries.ts';
import { annotations, entry } from './spec-nouns.ts';

const spellings = [
  ['linux/amd64', 'linux/x86_64', 'linux/amd64/v1'],
  ['linux/arm64', 'linux/arm64/v8', 'Linux/aarch64'],
  ['linux/arm', 'linux/arm/v7', 'linux/armhf'],
  ['linux/arm/v6', 'linux/armel'],
  ['linux/386', 'linux/i386'],
  ['linux/riscv64'],
] as const;

/** An image of one of the platforms, and half the time its attestation. */
function member(platforms: readonly (readonly string[])[]): fc.Arbitrary<readonly Descriptor[]> {
  return fc
    .record({
      platform: fc.constantFrom(...platforms).chain((each) => fc.constantFrom(...each)),
      version: fc.nat(2),
      attested: fc.boolean(),
      notes: fc.option(annotations.filter((each) => Object.keys(each).length > 0)),
    })
    .map(({ platform, version, attested, notes }) => {
      const plain = entryOf(platform, `${platformSlot(entryOf(platform).platform ?? fail())} ${version}`);
      const image = notes === null ? plain : { ...plain, annotations: notes };
      return attested ? [image, attestationOf(image)] : [image];
    });
}

function fail(): never {
  throw new Error('no platform');
}

/** Members with one image for each platform, as a selection leaves them. */
function members(platforms: readonly (readonly string[])[]): fc.Arbitrary<readonly Descriptor[]> {
  return fc
    .uniqueArray(member(platforms), {
      maxLength: 4,
      selector: ([image]) => platformSlot(image?.platform ?? fail()),
    })
    .map((each) => each.flat());
}

const list = (manifests: readonly unknown[]): AmendBase => ({
  kind: 'list',
  document: { schemaVersion: 2, manifests },
});
const base = fc.oneof(
  fc.array(member(spellings), { maxLength: 5 }).map((each) => each.flat()),
  fc.array(entry, { maxLength: 5 }),
);
const sorted = (entries: readonly unknown[]) => entries.map((each) => JSON.stringify(each)).toSorted();

describe('amending', () => {
  it('twice is amending once', () =>
    fc.assert(
      fc.property(base, members(spellings), (before, added) => {
        const once = amend(list(before), added);
        const twice = amend(list(once.entries), added);
        assert.deepEqual(twice.entries, once.entries);
        assert.equal(twice.change, 'same');
        assert.ok(twice.outcomes.every(({ kind }) => kind === 'kept'));
      }),
    ));
  it('gives the same entries in any order for different platforms', () =>
    fc.assert(
      fc.property(base, members(spellings.slice(0, 3)), members(spellings.slice(3)), (before, one, other) => {
        const both = (first: readonly Descriptor[], second: readonly Descriptor[]) =>
          amend(list(amend(list(before), first).entries), second).entries;
        assert.deepEqual(sorted(both(one, other)), sorted(both(other, one)));
        assert.deepEqual(sorted(amend(list(before), [...one, ...other]).entries), sorted(both(one, other)));
      }),
    ));
  it('holds every member and leaves other platforms alone', () =>
    fc.assert(
      fc.property(base, members(spellings), (before, added) => {
        const { entries } = amend(list(before), added);
        const slots = new Set(added.flatMap(({ platform }) => (platform ? [platformSlot(platform)] : [])));
        const isOther = ({ platform }: Descriptor) =>
          platform !== undefined && platform.os !== 'unknown' && !slots.has(platformSlot(platform));
        assert.ok(added.every((each) => entries.some(({ digest }) => digest === each.digest)));
        assert.deepEqual((entries as readonly Descriptor[]).filter(isOther), before.filter(isOther));
      }),
    ));
  it('leaves no attestation of an image that went', () =>
    fc.assert(
      fc.property(members(spellings), members(spellings), (before, added) => {
        const { entries } = amend(list(before), added);
        const digests = new Set(entries.map(({ digest }) => digest));
        for (const each of entries as readonly Descriptor[]) {
          const subject = each.annotations?.['vnd.docker.reference.digest'];
          if (subject !== undefined) assert.ok(isDigest(subject) && digests.has(subject));
        }
      }),
    ));
});
