import { type Digest, encodedOf } from '../../oci/digest.ts';
import { describePlatform, type Platform } from '../../oci/platform.ts';
import { familiarReference } from '../../oci/reference.ts';
import type { TargetTag } from '../../pipeline/request.ts';
import { cellText, markdownCode } from './markdown.ts';

/** The first 12 digits of a digest, as `docker images` shows it; a narrow cell breaks it in the middle. */
export function shortDigest(digest: Digest): string {
  const digits = encodedOf(digest).slice(0, 12);
  return `<code>${digits.slice(0, 6)}<wbr>${digits.slice(6)}</code>`;
}

/** The whole digest, in one piece where a table beside one other column has room for it. */
export function fullDigest(digest: Digest): string {
  return digest.startsWith('sha256:') ? `\`${digest}\`` : markdownCode(digest);
}

/** `os/arch/variant` with what else the platform says; `–` without one. */
export function platformName(platform: Platform | undefined): string {
  return platform === undefined ? '–' : cellText(describePlatform(platform));
}

/** A tag's reference as people type it. */
export function tagName(tag: TargetTag): string {
  return markdownCode(familiarReference(tag));
}

/** `1 tag`, `2 tags`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
