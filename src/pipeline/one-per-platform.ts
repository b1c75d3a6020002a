import { zstdAnnotation } from '../oci/annotations.ts';
import { quote } from '../oci/format-error.ts';
import {
  attestationPlatform,
  formatPlatform,
  normalizePlatform,
  type Platform,
  platformKey,
  samePlatform,
} from '../oci/platform.ts';
import { spelledOut } from '../oci/platform-names.ts';
import { ConflictError } from '../run/errors.ts';
import type { Finding } from '../run/finding.ts';
import { placeOf } from '../sources/source-error.ts';
import { type Member, platformOf } from './member.ts';
import type { ListRequest } from './request.ts';

/** A member that stays in the list, and the entry at its position. */
interface Choice {
  readonly position: Member;
  readonly entry: Member;
}

/**
 * Maps each image that stays in the list to the entry at its position, one image for each platform, and gives a finding
 * about each that the rule leaves out. Throws ConflictError DUPLICATE_PLATFORM for two, unless the rule chooses.
 */
export function onePerPlatform(
  images: readonly Member[],
  rule: ListRequest['duplicatePlatforms'],
): { readonly kept: ReadonlyMap<Member, Member>; readonly leftOut: readonly Finding[] } {
  const chosen = new Map<string, readonly Choice[]>();
  const leftOut: Finding[] = [];
  for (const member of images) {
    const key = keyOf(member);
    const choices = chosen.get(key) ?? [];
    const one = choices.find(({ entry }) => isOneEntry(entry, member));
    const rivals = choices.filter(({ entry }) => {
      return entry !== one?.entry && !areCopies(entry, member) && !isToldApart(entry, member, choices);
    });
    if (one === undefined && rule === 'error' && rivals[0]) throw duplicate(rivals[0].entry, member);
    if (one !== undefined) chosen.set(key, withEntry(choices, one, member));
    else if (rivals.length === 0) chosen.set(key, [...choices, { position: member, entry: member }]);
    else {
      const losers = rule === 'first' ? [member] : rivals.map(({ entry }) => entry);
      leftOut.push(...losers.map((each) => describeLeftOut(each, rule)));
      const left = choices.filter((choice) => !rivals.includes(choice));
      if (rule === 'last') chosen.set(key, [...left, { position: member, entry: member }]);
    }
  }
  const kept = new Map([...chosen.values()].flat().map(({ position, entry }) => [position, entry]));
  return { kept, leftOut };
}

// No client pulls the platform unknown, so its entries do not compete.
function keyOf({ descriptor: { platform, digest } }: Member): string {
  const isUnknown = platform === undefined || samePlatform(platform, attestationPlatform);
  return isUnknown ? digest : platformKey(platform);
}

/**
 * Whether one image is meant twice: an image beside a list that holds it, two lists of several images, or two parts of
 * one list, draft or file. Two lines, and two files of a directory of digests, are two builds: if both have the same
 * image, also as the only one of a list, one platform was lost.
 */
function isOneEntry(one: Member, other: Member): boolean {
  if (one.descriptor.digest !== other.descriptor.digest) return false;
  if (one.suppliedBy !== other.suppliedBy) return true;
  if (Math.max(one.imagesInIndex ?? 1, other.imagesInIndex ?? 1) > 1) return true;
  const isOneFile = one.source?.locator.kind !== 'digests' || one.label === other.label;
  return one.source === other.source && isOneFile;
}

// The same image twice becomes one entry: the first position, the annotations of both.
function withEntry(choices: readonly Choice[], choice: Choice, later: Member): readonly Choice[] {
  const annotations = { ...choice.entry.descriptor.annotations, ...later.descriptor.annotations };
  if (Object.keys(annotations).length === 0) return choices;
  const { entry, position } = choice;
  const merged = { position, entry: { ...entry, descriptor: { ...entry.descriptor, annotations } } };
  return choices.map((each) => (each === choice ? merged : each));
}

// `podman manifest push --add-compression zstd` lists each platform twice.
function areCopies(one: Member, other: Member): boolean {
  const isOneIndex = one.suppliedBy === 'index' && one.line === other.line && one.label === other.label;
  const [zstd, otherZstd] = [one, other].map((each) => each.descriptor.annotations?.[zstdAnnotation]);
  return isOneIndex && zstd !== otherZstd;
}

// Clients that ignore os.features take the first entry, which must therefore be the plain one.
function isToldApart(one: Member, other: Member, [first]: readonly Choice[]): boolean {
  const isPlainFirst = first !== undefined && featuresOf(first.entry) === '';
  return isPlainFirst && featuresOf(one) !== featuresOf(other);
}

function featuresOf({ descriptor: { platform } }: Member): string {
  return platform === undefined ? '' : (normalizePlatform(platform)['os.features'] ?? []).join(' ');
}

function describeLeftOut(member: Member, rule: ListRequest['duplicatePlatforms']): Finding {
  const { label, descriptor } = member;
  const kept = rule === 'first' ? 'an earlier' : 'a later';
  const place = member.source ? `${placeOf(member)}: ` : '';
  const say = (names: string) =>
    `Left out, because ${kept} source supplies the same platform and duplicate-platforms is "${rule}": ${names}`;
  return { about: `${place}${label} (${slotName(member)}, ${descriptor.digest})`, say };
}

function isRepeated(earlier: Member, later: Member): boolean {
  const isOneText = earlier.source !== undefined && earlier.source.text === later.source?.text;
  return isOneText && earlier.descriptor.digest === later.descriptor.digest;
}

function repeated({ line: first }: Member, { line, label }: Member): ConflictError {
  return new ConflictError('DUPLICATE_PLATFORM', `sources line ${line} repeats line ${first}: ${label}`, {
    hint: 'Remove one of them. If each is for another build, two builds push one tag: give each its own.',
  });
}

function duplicate(earlier: Member, later: Member): ConflictError {
  const isOneLine = earlier.line === later.line;
  if (!isOneLine && isRepeated(earlier, later)) return repeated(earlier, later);
  const isOneLabel = earlier.label === later.label;
  const isOneImage = earlier.descriptor.digest === later.descriptor.digest;
  const [first, second] = [slotName(earlier), slotName(later)];
  const supply = isOneLine
    ? `line ${later.line} supplies ${second} twice`
    : `lines ${earlier.line} and ${later.line} ${first === second ? `both supply ${first}` : `supply ${first} and ${second}, which are the same`}`;
  const [one, other] = [earlier, later].map(({ label, descriptor: { digest } }) =>
    isOneLabel ? digest : label,
  );
  const images = `${one} and ${other}${isOneLabel ? ` in ${later.label}` : ''}`;
  const message = `sources ${supply}: ${images}${isOneImage ? ` are one image, ${later.descriptor.digest}` : ''}`;
  return new ConflictError('DUPLICATE_PLATFORM', message, { hint: remedy(earlier, later) });
}

function remedy(earlier: Member, later: Member): string {
  const { directory } = later;
  if (directory !== undefined && directory === earlier.directory) return mixedHint(directory);
  const keep = 'Keep one of them, or set `duplicate-platforms` to `first` or `last`.';
  if (earlier.descriptor.digest === later.descriptor.digest) {
    return `Check the builds: each should push the image of its own platform, under its own tag (\`platforms\` in docker/build-push-action). ${keep}`;
  }
  if (featuresOf(earlier) !== featuresOf(later))
    return `List the image without os.features first: clients that ignore them take the first. ${keep}`;
  const armv6 = [{ os: 'linux', architecture: 'arm', variant: 'v6' }];
  const likely = [earlier, later].toSorted((a, b) => Number(namesV6(b)) - Number(namesV6(a)));
  const [hint = ''] = likely.map((member) => variantHint(member, armv6)).filter((text) => text !== '');
  return misnamedHint(earlier, later) + hint + keep;
}

// Of two images whose names have different architectures, one is built for the wrong one.
function misnamedHint(earlier: Member, later: Member): string {
  const [one = '', other = ''] = [earlier, later].map(({ label }) => platformIn(label));
  if (one === '' || other === '' || architectureOf(one) === architectureOf(other)) return '';
  const { architecture } = normalizePlatform(later.descriptor.platform ?? attestationPlatform);
  const [{ label }, meant] = architectureOf(other) === architecture ? [earlier, one] : [later, other];
  return `The config of ${label} says ${architecture}: build it with \`--platform ${meant}\`, or, if its binaries are for ${architectureOf(meant)}, write \`${meant}\` behind it and set \`platform-mismatch: warn\`. `;
}

function platformIn(label: string): string | undefined {
  const named = label.split(/\W+/).map(spelledOut);
  return named.findLast((platform) => platform !== undefined);
}

function architectureOf(platform: string): string | undefined {
  return platform.split('/')[1];
}

// Of two builds in one directory, the first and last images of each platform may be of either.
function mixedHint(directory: string): string {
  return `Keep the digests of one image in ${quote(directory)}: give the artifacts of each image names of their own, such as digests-app-…, and download only these with \`pattern\`. \`duplicate-platforms\` could mix the two.`;
}

/** The platform of an image as duplicates share it: only Windows images are told apart by version and features. */
export function slotName(member: Member): string {
  const { platform } = member.descriptor;
  return platform === undefined || platform.os === 'windows' ? platformOf(member) : formatPlatform(platform);
}

function namesV6({ label }: Member): boolean {
  return /v[56](?![0-9])|armel/i.test(label);
}

/**
 * What to write behind the source of an image for ARM whose config has no variant, which clients take for v7, if one of
 * these platforms may be meant; else ''. Configs without a variant are usual (moby/moby#34875).
 */
export function variantHint({ descriptor, source, label }: Member, meant: readonly Platform[]): string {
  const { platform } = descriptor;
  const variant = meant.find(({ os, architecture }) => os === platform?.os && architecture === 'arm');
  if (variant === undefined || platform?.architecture !== 'arm' || platform.variant) return '';
  const written = `${source?.text ?? label} ${formatPlatform(variant)}`;
  return `\`${platform.os}/arm\` means v7. If an image is for another version, write it behind the source, such as \`${written}\`. `;
}
