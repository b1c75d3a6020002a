import { isDeepStrictEqual } from 'node:util';
import { attestationSubject } from '../oci/attestation.ts';
import { type Descriptor, parseDescriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { arrayAt, type JsonObject, objectAt } from '../oci/json-document.ts';
import { attestationPlatform, samePlatform } from '../oci/platform.ts';
import { platformSlot } from './platform-slot.ts';

/** The content of a tag: the parsed JSON document of a list, or one image with its platform. */
export type AmendBase =
  | { readonly kind: 'list'; readonly document: JsonObject }
  | { readonly kind: 'image'; readonly descriptor: Descriptor };

/** The result of amending. */
export interface Amendment {
  /** The entries of the new list in order; those that stay are the JSON values of the base. */
  readonly entries: readonly JsonObject[];
  readonly outcomes: readonly AmendOutcome[];
  /** `same`: the base is a list that already has these entries, so its bytes can stay. */
  readonly change: 'same' | 'changed';
}

/** The result for each entry of the base, in its order; then the new entries. */
export type AmendOutcome =
  | { readonly kind: 'kept' | 'removed' | 'added'; readonly entry: Descriptor }
  | { readonly kind: 'replaced'; readonly entry: Descriptor; readonly by: Descriptor };

/**
 * Adds members to the content of a tag: a member replaces the entries of its platform (see platformSlot) at their
 * position, a new platform is appended. The attestations of a replaced image are removed, as are old attestations of an
 * image for which the members have new ones. Everything else stays unchanged. Amending again with the same members
 * changes nothing, and members of different platforms can be added in any order; only the order of new entries depends
 * on it. Throws FormatError when the base holds something that is not a descriptor.
 */
export function amend(base: AmendBase, members: readonly Descriptor[]): Amendment {
  const before = entriesOf(base);
  const incoming = groupBySlot(members);
  const merged = merge(before, incoming);
  const stale = staleAttestations(before, merged, members);
  const after = merged.filter((entry) => !stale.has(entry));
  const isSame =
    base.kind === 'list' && after.length === before.length && after.every((each, at) => each === before[at]);
  return {
    entries: after.map(({ value }) => value),
    outcomes: outcomesOf(before, after, incoming),
    change: isSame ? 'same' : 'changed',
  };
}

/** An entry of the base, or a new one, as JSON and parsed. */
interface ListEntry {
  readonly value: JsonObject;
  readonly descriptor: Descriptor;
}

type EntriesBySlot = ReadonlyMap<string, readonly Descriptor[]>;

function entriesOf(base: AmendBase): readonly ListEntry[] {
  if (base.kind === 'image') return [entryOf(base.descriptor)];
  return arrayAt(base.document['manifests'] ?? [], 'manifests').map((value, at) => {
    const where = `manifests[${at}]`;
    return { value: objectAt(value, where), descriptor: parseDescriptor(value, where) };
  });
}

function entryOf(descriptor: Descriptor): ListEntry {
  return { value: descriptor, descriptor };
}

// Entries without a real platform are distinguished by their content only.
function slotOf(descriptor: Descriptor): string {
  return hasPlatform(descriptor) ? platformSlot(descriptor.platform) : descriptor.digest;
}

function hasPlatform(
  descriptor: Descriptor,
): descriptor is Descriptor & Required<Pick<Descriptor, 'platform'>> {
  const { platform } = descriptor;
  return platform !== undefined && !samePlatform(platform, attestationPlatform);
}

function groupBySlot(members: readonly Descriptor[]): EntriesBySlot {
  const groups = new Map<string, Descriptor[]>();
  for (const member of members) {
    const group = groups.get(slotOf(member));
    if (group === undefined) groups.set(slotOf(member), [member]);
    else if (!group.some((other) => isDeepStrictEqual(other, member))) group.push(member);
  }
  return groups;
}

function merge(before: readonly ListEntry[], incoming: EntriesBySlot): readonly ListEntry[] {
  const placed = new Set<string>();
  const place = (slot: string): readonly ListEntry[] => {
    if (placed.has(slot)) return [];
    placed.add(slot);
    // An entry that already exists keeps its JSON.
    return (incoming.get(slot) ?? []).map(
      (member) => before.find(({ descriptor }) => isDeepStrictEqual(descriptor, member)) ?? entryOf(member),
    );
  };
  const inPlace = before.flatMap((entry) => {
    const slot = slotOf(entry.descriptor);
    return incoming.has(slot) ? place(slot) : [entry];
  });
  return [...inPlace, ...[...incoming.keys()].flatMap(place)];
}

/** The attestations of the base whose image is removed, or that the members replace. */
function staleAttestations(
  before: readonly ListEntry[],
  merged: readonly ListEntry[],
  members: readonly Descriptor[],
): ReadonlySet<ListEntry> {
  const digestsOf = (entries: readonly ListEntry[]) =>
    new Set(entries.map(({ descriptor }) => descriptor.digest));
  const left = digestsOf(merged);
  const gone = digestsOf(before.filter(({ descriptor }) => !left.has(descriptor.digest)));
  const brought = new Set(members.map(({ digest }) => digest));
  const renewed = new Set(members.map(subjectOf));
  const isStale = ({ descriptor }: ListEntry): boolean => {
    const subject = subjectOf(descriptor);
    if (subject === undefined || brought.has(descriptor.digest)) return false;
    return gone.has(subject) || renewed.has(subject);
  };
  return new Set(merged.filter(isStale));
}

// Only an entry without a real platform is an attestation, whatever its annotations say.
function subjectOf(descriptor: Descriptor): Digest | undefined {
  return hasPlatform(descriptor) ? undefined : attestationSubject(descriptor);
}

function outcomesOf(
  before: readonly ListEntry[],
  after: readonly ListEntry[],
  incoming: EntriesBySlot,
): readonly AmendOutcome[] {
  const successors = new Set<Descriptor>();
  const old = before.map((entry): AmendOutcome => {
    const { descriptor } = entry;
    if (after.includes(entry)) return { kind: 'kept', entry: descriptor };
    const [by] = incoming.get(slotOf(descriptor)) ?? [];
    if (by === undefined) return { kind: 'removed', entry: descriptor };
    successors.add(by);
    return { kind: 'replaced', entry: descriptor, by };
  });
  const added = after.filter((entry) => !before.includes(entry) && !successors.has(entry.descriptor));
  return [...old, ...added.map(({ descriptor }): AmendOutcome => ({ kind: 'added', entry: descriptor }))];
}
