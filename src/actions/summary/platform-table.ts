import { layersSize } from '../../oci/manifest.ts';
import { formatBytes } from '../../pipeline/byte-size.ts';
import type { Member } from '../../pipeline/member.ts';
import { platformSlot } from '../../policy/platform-slot.ts';
import { markdownTable } from './markdown.ts';
import { platformName, shortDigest } from './names.ts';
import type { PreviousEntry, PreviousList, Result } from './report.ts';

/** The members that clients run, without attestations. */
export function imagesOf(members: readonly Member[]): readonly Member[] {
  return members.filter(({ attestationSubject }) => attestationSubject === undefined);
}

/** A row for each image; with a previous list also how each changed, and rows for those that are gone. */
export function platformTable({ members, before }: Result): string {
  const images = imagesOf(members);
  if (before === undefined) {
    const rows = images.map((image) => [
      platformOf(image),
      sizeCell(image),
      shortDigest(image.descriptor.digest),
    ]);
    return markdownTable(['Platform', 'Size', 'Digest'], [':--', '--:', ':--'], rows);
  }
  const rows = images.map((image) => [
    platformOf(image),
    sizeCell(image),
    changeCell(image, before.entries),
    shortDigest(image.descriptor.digest),
  ]);
  return markdownTable(
    ['Platform', 'Size', `Change against ${shortDigest(before.digest)}`, 'Digest'],
    [':--', '--:', ':--', ':--'],
    [...rows, ...removedRows(images, before)],
  );
}

function platformOf({ descriptor }: Member): string {
  return platformName(descriptor.platform);
}

function sizeCell(image: Member): string {
  const size = sizeOf(image);
  return size === undefined ? '–' : unbroken(formatBytes(size));
}

// Compressed, as clients download it.
function sizeOf({ manifest: { content } }: Member): number | undefined {
  return content.kind === 'image' ? layersSize(content) : undefined;
}

function changeCell(image: Member, entries: readonly PreviousEntry[]): string {
  const { digest, platform } = image.descriptor;
  if (entries.some((entry) => entry.digest === digest)) return 'unchanged';
  const previous =
    platform && entries.find((entry) => platformSlot(entry.platform) === platformSlot(platform));
  return previous === undefined ? '**added**' : 'replaced';
}

// A narrow column breaks lines elsewhere.
function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}

function removedRows(images: readonly Member[], { entries }: PreviousList): readonly (readonly string[])[] {
  const isKept = (entry: PreviousEntry): boolean =>
    images.some(({ descriptor: { digest, platform } }) => {
      return (
        digest === entry.digest ||
        (platform !== undefined && platformSlot(platform) === platformSlot(entry.platform))
      );
    });
  return entries
    .filter((entry) => !isKept(entry))
    .map(({ platform, digest }) => [
      platformName(platform),
      '–',
      '**removed**',
      `was ${shortDigest(digest)}`,
    ]);
}
