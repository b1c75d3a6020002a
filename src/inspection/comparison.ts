import type { Platform } from '../oci/platform.ts';
import { platformSlot } from '../policy/platform-slot.ts';
import { type InspectedDocument, type InspectedEntry, imagesOf } from './document.ts';

/** How an image of one platform differs between two documents. */
export interface ImageChange {
  readonly change: 'added' | 'removed' | 'replaced' | 'unchanged';
  readonly platform: Platform | undefined;
  /** The image now; absent when it was removed. */
  readonly entry?: InspectedEntry | undefined;
  /** The image before; absent when it was added. */
  readonly previous?: InspectedEntry | undefined;
}

/** Compares images by platform: those of `after` in their order, then those that only `before` has. */
export function compareImages(before: InspectedDocument, after: InspectedDocument): readonly ImageChange[] {
  const left = new Set(imagesOf(before));
  const images = imagesOf(after);
  const pairs = new Map<InspectedEntry, InspectedEntry>();
  // Match unchanged images first, so that one of two images for a platform does not replace the other.
  for (const keyOf of [imageKey, platformKey]) {
    const known = Map.groupBy(left, keyOf);
    for (const entry of images) {
      const previous = pairs.has(entry) ? undefined : known.get(keyOf(entry))?.shift();
      if (previous === undefined) continue;
      pairs.set(entry, previous);
      left.delete(previous);
    }
  }
  const present = images.map((entry) => presentChange(entry, pairs.get(entry)));
  const removed = [...left].map((previous) => {
    return { change: 'removed', platform: previous.platform, previous } as const;
  });
  return [...present, ...removed];
}

function presentChange(entry: InspectedEntry, previous: InspectedEntry | undefined): ImageChange {
  const { platform, descriptor } = entry;
  if (previous === undefined) return { change: 'added', platform, entry };
  const isSame = descriptor.digest === previous.descriptor.digest;
  return { change: isSame ? 'unchanged' : 'replaced', platform, entry, previous };
}

function imageKey(entry: InspectedEntry): string {
  return `${entry.descriptor.digest} ${platformKey(entry)}`;
}

function platformKey({ platform }: InspectedEntry): string {
  return platform === undefined ? '' : platformSlot(platform);
}
