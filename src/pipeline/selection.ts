import { zstdAnnotation } from '../oci/annotations.ts';
import {
  attestationPlatform,
  describePlatform,
  formatPlatform,
  matchesPlatform,
  type Platform,
  platformKey,
  samePlatform,
} from '../oci/platform.ts';
import { ConflictError, SourceError } from '../run/errors.ts';
import { digestsOf, goesWith, type Member } from './member.ts';
import type { ListRequest } from './request.ts';

/** The inputs that the selection depends on. */
export type SelectionRules = Pick<
  ListRequest,
  'platforms' | 'attestations' | 'duplicatePlatforms' | 'missingPlatforms'
>;

/**
 * Selects the members of the index, in their order: the wanted platforms, one member per platform, and attestations only
 * with their image. A platform has several members only if one index lists them as copies for it. Throws SourceError for
 * a wanted platform that is missing, unless that is allowed, and for an image of another platform, and ConflictError for two entries of one
 * platform.
 */
export function selectMembers(members: readonly Member[], rules: SelectionRules): readonly Member[] {
  const images = members.filter(({ kind }) => kind === 'image');
  const chosen = onePerPlatform(onlyWanted(images, rules), rules.duplicatePlatforms);
  const digests = digestsOf(chosen.values());
  const others = new Set<string>();
  return members.flatMap((member) => {
    if (member.kind === 'image') return chosen.get(member) ?? [];
    const { digest } = member.descriptor;
    if (!isKept(member, digests, rules) || others.has(digest)) return [];
    others.add(digest);
    return [member];
  });
}

// Some tools omit an attestation's annotations; it may then be about an image that is not wanted.
function isKept(
  member: Member,
  images: ReadonlySet<string>,
  { attestations, platforms }: SelectionRules,
): boolean {
  if (member.kind !== 'attestation' || member.attestationSubject !== undefined)
    return goesWith(member, images) && (member.kind !== 'attestation' || attestations === 'keep');
  return attestations === 'keep' && platforms.length === 0;
}

/** Whether the member is of one of the wanted platforms; none means all. */
export function isWanted({ descriptor: { platform } }: Member, platforms: readonly Platform[]): boolean {
  if (platforms.length === 0) return true;
  return platform !== undefined && platforms.some((wanted) => matchesPlatform(wanted, platform));
}

function onlyWanted(
  images: readonly Member[],
  { platforms, missingPlatforms }: SelectionRules,
): readonly Member[] {
  refuseUnwanted(
    images.filter((member) => member.suppliedBy === 'image' && !isWanted(member, platforms)),
    platforms,
  );
  if (missingPlatforms === 'refuse') refuseMissing(images, platforms);
  return images.filter((member) => isWanted(member, platforms));
}

/** The platforms that have no member. */
export function platformsWithout(
  members: readonly Member[],
  platforms: readonly Platform[],
): readonly Platform[] {
  const images = members.filter(({ kind }) => kind === 'image');
  return platforms.filter((platform) => !images.some((member) => isWanted(member, [platform])));
}

/** Throws SourceError PLATFORM_MISSING when a platform has no member. */
export function refuseMissing(members: readonly Member[], platforms: readonly Platform[]): void {
  const missing = platformsWithout(members, platforms);
  if (missing.length === 0) return;
  const images = members.filter(({ kind }) => kind === 'image');
  throw noSourceFor(missing, images);
}

function refuseUnwanted(unwanted: readonly Member[], platforms: readonly Platform[]): void {
  const [first] = unwanted;
  if (first === undefined) return;
  throw new SourceError(
    'PLATFORM_UNWANTED',
    `sources line ${first.line}: ${first.label} is ${platformOf(first)}, which is not among \`platforms\` (${platforms.map(formatPlatform).join(', ')})`,
    { hint: 'Add the platform to `platforms`, or remove the line.' },
  );
}

function noSourceFor(missing: readonly Platform[], images: readonly Member[]): SourceError {
  const supplied = images.map(platformOf).join(', ') || 'none';
  return new SourceError(
    'PLATFORM_MISSING',
    `No source supplies ${missing.map(formatPlatform).join(', ')}; the sources supply ${supplied}`,
    { hint: 'Add the missing source, or remove the platform from `platforms`.' },
  );
}

/** A member that stays in the list, and the entry at its position. */
interface Choice {
  readonly position: Member;
  readonly entry: Member;
}

// Maps each member that stays in the list to the entry at its position.
function onePerPlatform(
  images: readonly Member[],
  rule: ListRequest['duplicatePlatforms'],
): ReadonlyMap<Member, Member> {
  const chosen = new Map<string, readonly Choice[]>();
  for (const member of images) {
    const key = keyOf(member);
    chosen.set(key, withMember(chosen.get(key) ?? [], member, rule));
  }
  return new Map([...chosen.values()].flat().map(({ position, entry }) => [position, entry]));
}

// No client pulls the platform unknown, so its entries do not compete.
function keyOf({ descriptor: { platform, digest } }: Member): string {
  const isUnknown = platform === undefined || samePlatform(platform, attestationPlatform);
  return isUnknown ? digest : platformKey(platform);
}

function withMember(
  choices: readonly Choice[],
  member: Member,
  rule: ListRequest['duplicatePlatforms'],
): readonly Choice[] {
  const { digest } = member.descriptor;
  const same = choices.find(({ entry }) => entry.descriptor.digest === digest);
  if (same !== undefined) {
    const entry = merged(same.entry, member);
    return choices.map((choice) => (choice === same ? { ...choice, entry } : choice));
  }
  const rival = choices.find(({ entry }) => !areCopies(entry, member));
  const added = { position: member, entry: member };
  if (rival === undefined) return [...choices, added];
  if (rule === 'error') throw duplicate(rival.entry, member);
  return rule === 'first' ? choices : [...choices.filter(({ entry }) => areCopies(entry, member)), added];
}

// `podman manifest push --add-compression zstd` lists each platform twice.
function areCopies(one: Member, other: Member): boolean {
  const isOneIndex = one.suppliedBy === 'index' && one.line === other.line && one.label === other.label;
  return (
    isOneIndex &&
    one.descriptor.annotations?.[zstdAnnotation] !== other.descriptor.annotations?.[zstdAnnotation]
  );
}

// The same image twice becomes one entry: the first position, the annotations of both.
function merged(earlier: Member, later: Member): Member {
  const annotations = { ...earlier.descriptor.annotations, ...later.descriptor.annotations };
  if (Object.keys(annotations).length === 0) return earlier;
  return { ...earlier, descriptor: { ...earlier.descriptor, annotations } };
}

function duplicate(earlier: Member, later: Member): ConflictError {
  const isOneLine = earlier.line === later.line;
  const isOneLabel = earlier.label === later.label;
  const [first, second] = [slotName(earlier), slotName(later)];
  const supply = isOneLine
    ? `line ${later.line} supplies ${second} twice`
    : `lines ${earlier.line} and ${later.line} ${first === second ? `both supply ${first}` : `supply ${first} and ${second}, which are the same`}`;
  const [one, other] = [earlier, later].map(({ label, descriptor: { digest } }) =>
    isOneLabel ? digest : label,
  );
  const message = `sources ${supply}: ${one} and ${other}${isOneLabel ? ` in ${later.label}` : ''}`;
  return new ConflictError('DUPLICATE_PLATFORM', message, {
    hint: `Keep one of them, or set \`duplicate-platforms\` to \`first\` or \`last\`.${first === second ? '' : variantHint(later)}`,
  });
}

// Only Windows images are told apart by more than this.
function slotName(member: Member): string {
  const { platform } = member.descriptor;
  return platform && platform.os !== 'windows' ? formatPlatform(platform) : platformOf(member);
}

// Images for ARMv6 are often built without a variant in their config.
function variantHint({ descriptor: { platform } }: Member): string {
  if (platform?.architecture !== 'arm') return '';
  return ` \`${platform.os}/arm\` means v7; if that image is for ARMv6, write \`${platform.os}/arm/v6\` behind its source.`;
}

function platformOf(member: Member): string {
  return member.descriptor.platform === undefined
    ? 'an image that states no platform'
    : describePlatform(member.descriptor.platform);
}
