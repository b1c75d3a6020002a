import type { Descriptor } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/manifest.ts';
import { platformSlot } from './platform-slot.ts';

/** Whether `held` has every entry of `ours`, with the same digest and platform, or lists the single image `ours`. */
export function coversList(held: Manifest, ours: Manifest): boolean {
  if (held.digest === ours.digest) return true;
  if (held.content.kind !== 'index') return false;
  const { manifests } = held.content;
  if (ours.content.kind === 'image') return manifests.some(({ digest }) => digest === ours.digest);
  const known = new Set(manifests.map(keyOf));
  return ours.content.manifests.every((entry) => known.has(keyOf(entry)));
}

function keyOf({ digest, platform }: Descriptor): string {
  return platform === undefined ? digest : `${digest} ${platformSlot(platform)}`;
}
