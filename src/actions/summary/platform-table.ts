import { type HeldManifest, layersSize } from '../../oci/manifest.ts';
import { formatBytes } from '../../pipeline/byte-size.ts';
import type { ReplacedList } from '../../pipeline/guards/guards.ts';
import type { Member } from '../../pipeline/member.ts';
import { platformSlot } from '../../policy/platform-slot.ts';
import { cellCode, markdownTable } from './markdown.ts';
import { platformName, shortDigest } from './names.ts';
import type { Result } from './report.ts';

/** The longest tag in the head of a column, in characters. */
const maxTagLength = 24;

/** The members that clients run, without attestations and artifacts. */
export function imagesOf(members: readonly Member[]): readonly Member[] {
  return members.filter(({ kind }) => kind === 'image');
}

/** A row for each image; with a previous list also how each changed, and rows for those that are gone. */
export function platformTable({ members, before }: Result): string {
  const images = imagesOf(members);
  const rows = images.map((image) => [
    platformName(image.descriptor.platform),
    sizeCell(image.manifest),
    ...(before === undefined ? [] : [changeCell(image, before.entries)]),
    shortDigest(image.descriptor.digest),
  ]);
  if (before === undefined) return markdownTable(['Platform', 'Size:', 'Digest'], rows);
  const change = `Change against ${before.tag.length > maxTagLength ? 'the list before' : cellCode(before.tag)}`;
  return markdownTable(['Platform', 'Size:', change, 'Digest'], [...rows, ...removedRows(images, before)]);
}

/** The size of an image, compressed as clients download it. */
export function sizeCell(manifest: HeldManifest | undefined): string {
  if (manifest?.content.kind !== 'image') return '–';
  return formatBytes(layersSize(manifest.content));
}

function changeCell(image: Member, entries: ReplacedList['entries']): string {
  const { digest, platform } = image.descriptor;
  if (entries.some((entry) => entry.digest === digest)) return 'unchanged';
  const previous =
    platform && entries.find((entry) => platformSlot(entry.platform) === platformSlot(platform));
  return previous === undefined ? '**added**' : 'replaced';
}

function removedRows(images: readonly Member[], { entries }: ReplacedList): readonly (readonly string[])[] {
  const slots = new Set(
    images.flatMap(({ descriptor: { platform } }) => (platform ? platformSlot(platform) : [])),
  );
  const digests = new Set(images.map(({ descriptor }) => descriptor.digest));
  return entries
    .filter(({ platform, digest }) => !digests.has(digest) && !slots.has(platformSlot(platform)))
    .map(({ platform, digest }) => [
      platformName(platform),
      '–',
      '**removed**',
      `was ${shortDigest(digest)}`,
    ]);
}
