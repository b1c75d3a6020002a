import { matchesPlatform, type Platform, spellPlatform } from '../oci/platform.ts';
import { SourceError } from '../run/errors.ts';
import { warnOfCauses } from '../run/finding.ts';
import type { Observer } from '../run/observer.ts';
import { digestsOf, goesWith, type Member, platformOf } from './member.ts';
import { onePerPlatform, variantHint } from './one-per-platform.ts';
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
 * platform. Warns of images that `duplicate-platforms` leaves out.
 */
export function selectMembers(
  members: readonly Member[],
  rules: SelectionRules,
  observer: Pick<Observer, 'warning'>,
): readonly Member[] {
  const images = members.filter(({ kind }) => kind === 'image');
  const { platforms, missingPlatforms } = rules;
  refuseUnwanted(images, platforms);
  const wanted = images.filter((member) => isWanted(member, platforms));
  const { kept: chosen, leftOut } = onePerPlatform(wanted, rules.duplicatePlatforms);
  warnOfCauses(leftOut, observer);
  if (missingPlatforms === 'refuse') refuseMissing(images, platforms);
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
function isKept(member: Member, images: ReadonlySet<string>, { attestations, platforms }: SelectionRules) {
  if (member.kind !== 'attestation' || member.attestationSubject !== undefined)
    return goesWith(member, images) && (member.kind !== 'attestation' || attestations === 'keep');
  return attestations === 'keep' && platforms.length === 0;
}

/** Whether the member is of one of the wanted platforms; none means all. */
export function isWanted({ descriptor: { platform } }: Member, platforms: readonly Platform[]): boolean {
  if (platforms.length === 0) return true;
  return platform !== undefined && platforms.some((wanted) => matchesPlatform(wanted, platform));
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
  const hints = images.map((image) => variantHint(image, missing));
  const supplied = images.map(platformOf).join(', ') || 'none';
  const message = `No source supplies ${missing.map(spellPlatform).join(', ')}; the sources supply ${supplied}`;
  const hint = `${hints.find(Boolean) ?? ''}Add the missing source, or remove the platform from \`platforms\`.`;
  throw new SourceError('PLATFORM_MISSING', message, { hint });
}

function refuseUnwanted(images: readonly Member[], platforms: readonly Platform[]): void {
  const first = images.find((image) => image.suppliedBy === 'image' && !isWanted(image, platforms));
  if (first === undefined) return;
  const message = `sources line ${first.line}: ${first.label} is ${platformOf(first)}, which is not among \`platforms\` (${platforms.map(spellPlatform).join(', ')})`;
  const hint = `${variantHint(first, platforms)}Add the platform to \`platforms\`, or remove the line.`;
  throw new SourceError('PLATFORM_UNWANTED', message, { hint });
}
