import { type HeldManifest, layersSize } from '../../oci/manifest.ts';
import { formatBytes } from '../../pipeline/byte-size.ts';
import type { ReplacedList } from '../../pipeline/guards/guards.ts';
import type { Member } from '../../pipeline/member.ts';
import { platformSlot } from '../../policy/platform-slot.ts';
import { cellCode, markdownTable } from './markdown.ts';
import { fullDigest, platformName, shortDigest } from './names.ts';
import type { Result } from './report.ts';

/** The longest tag in the head of a column, in characters. */
const maxTagLength = 24;

/** The members that clients run, without attestations and artifacts. */
export function imagesOf(members: readonly Member[]): readonly Member[] {
  return members.filter(({ kind }) => kind === 'image');
}

/** A row for each image; with a previous list also how each changed. */
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
  return markdownTable(['Platform', 'Size:', change, 'Digest'], rows);
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

/** The images of the previous list whose platforms the list does not have; '' for none. Warnings name them, too. */
export function removedTable({ members, before }: Pick<Result, 'members' | 'before'>): string {
  const images = imagesOf(members).map(({ descriptor }) => descriptor);
  const slots = new Set(images.flatMap(({ platform }) => (platform ? platformSlot(platform) : [])));
  const digests = new Set(images.map(({ digest }) => digest));
  const removed = (before?.entries ?? []).filter(
    ({ platform, digest }) => !digests.has(digest) && !slots.has(platformSlot(platform)),
  );
  const rows = removed.map(({ platform, digest }) => [platformName(platform), fullDigest(digest)]);
  return markdownTable(['Platform', 'Digest'], rows);
}
