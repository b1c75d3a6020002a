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
import type { Member } from './member.ts';
import type { PublishRequest } from './request.ts';

/** The inputs that the selection depends on. */
export type SelectionRules = Pick<PublishRequest, 'platforms' | 'attestations' | 'duplicatePlatforms'>;

/**
 * Selects the members of the index, in their order: the wanted platforms, one member per platform, and attestations only
 * with their image. Throws SourceError for a wanted platform that is missing and for an image of another platform, and
 * ConflictError for two entries of one platform.
 */
export function selectMembers(members: readonly Member[], rules: SelectionRules): readonly Member[] {
  const images = members.filter(
    (member) => member.attestationSubject === undefined && !isDropped(member, rules),
  );
  const chosen = onePerPlatform(onlyWanted(images, rules.platforms), rules.duplicatePlatforms);
  const digests = new Set<string>([...chosen.values()].map((member) => member.descriptor.digest));
  const attestations = new Set<string>();
  return members.flatMap((member) => {
    if (member.attestationSubject === undefined) return chosen.get(member) ?? [];
    const { digest } = member.descriptor;
    if (rules.attestations === 'drop' || !digests.has(member.attestationSubject) || attestations.has(digest))
      return [];
    attestations.add(digest);
    return [member];
  });
}

// Some tools omit an attestation's annotations; only its platform identifies it then.
function isDropped(member: Member, rules: SelectionRules): boolean {
  return rules.attestations === 'drop' && member.origin === 'index' && isOfUnknownPlatform(member);
}

function isOfUnknownPlatform({ descriptor: { platform } }: Member): boolean {
  return platform !== undefined && samePlatform(platform, attestationPlatform);
}

function onlyWanted(images: readonly Member[], platforms: readonly Platform[]): readonly Member[] {
  if (platforms.length === 0) return images;
  const isWanted = (member: Member): boolean =>
    platforms.some(
      (wanted) => member.descriptor.platform && matchesPlatform(wanted, member.descriptor.platform),
    );
  refuseUnwanted(
    images.filter((member) => member.origin === 'image' && !isWanted(member)),
    platforms,
  );
  const wanted = images.filter(isWanted);
  const missing = platforms.filter((platform) => !suppliedBy(wanted, platform));
  if (missing.length > 0) throw missingPlatforms(missing, images);
  return wanted;
}

function suppliedBy(members: readonly Member[], platform: Platform): boolean {
  return members.some(
    (member) => member.descriptor.platform && matchesPlatform(platform, member.descriptor.platform),
  );
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

function missingPlatforms(missing: readonly Platform[], images: readonly Member[]): SourceError {
  const supplied = images.map(platformOf).join(', ') || 'none';
  return new SourceError(
    'PLATFORM_MISSING',
    `No source supplies ${missing.map(formatPlatform).join(', ')}; the sources supply ${supplied}`,
    { hint: 'Add the missing source, or remove the platform from `platforms`.' },
  );
}

// Maps each member that stays in the list to the entry at its position.
function onePerPlatform(
  images: readonly Member[],
  rule: PublishRequest['duplicatePlatforms'],
): ReadonlyMap<Member, Member> {
  const chosen = new Map<string, { readonly position: Member; readonly entry: Member }>();
  for (const member of images) {
    const { platform, digest } = member.descriptor;
    const key = platform === undefined || isOfUnknownPlatform(member) ? digest : platformKey(platform);
    const earlier = chosen.get(key);
    if (earlier === undefined) chosen.set(key, { position: member, entry: member });
    else if (earlier.entry.descriptor.digest === digest) {
      chosen.set(key, { position: earlier.position, entry: merged(earlier.entry, member) });
    } else if (rule === 'error') throw duplicate(earlier.entry, member);
    else if (rule === 'last') chosen.set(key, { position: member, entry: member });
  }
  return new Map([...chosen.values()].map(({ position, entry }) => [position, entry]));
}

// The same image twice becomes one entry: the first position, the annotations of both.
function merged(earlier: Member, later: Member): Member {
  const annotations = { ...earlier.descriptor.annotations, ...later.descriptor.annotations };
  if (Object.keys(annotations).length === 0) return earlier;
  return { ...earlier, descriptor: { ...earlier.descriptor, annotations } };
}

function duplicate(earlier: Member, later: Member): ConflictError {
  const [one, other] = [platformOf(earlier), platformOf(later)];
  const supplied = one === other ? `both supply ${one}` : `supply ${one} and ${other}, which are the same`;
  return new ConflictError(
    'DUPLICATE_PLATFORM',
    `sources lines ${earlier.line} and ${later.line} ${supplied}: ${earlier.label} and ${later.label}`,
    {
      hint: `Keep one of them, or set \`duplicate-platforms\` to \`first\` or \`last\`.${one === other ? '' : variantHint(later)}`,
    },
  );
}

// Images for ARMv6 are often built without a variant in their config.
function variantHint({ descriptor: { platform } }: Member): string {
  if (platform?.architecture !== 'arm') return '';
  return ` \`${platform.os}/arm\` means v7; if that image is for ARMv6, write \`${platform.os}/arm/v6\` behind its source.`;
}

function platformOf(member: Member): string {
  return member.descriptor.platform === undefined
    ? 'an entry without a platform'
    : describePlatform(member.descriptor.platform);
}
