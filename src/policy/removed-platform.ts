import type { Platform } from '../oci/platform.ts';
import { platformSlot } from './platform-slot.ts';
import { type Choosable, choose, isChoosable } from './puller.ts';

/** A platform that a tag serves today and the new list does not have. */
export interface RemovedPlatform {
  /** As written in the old list. */
  readonly platform: Platform;
  /** The entry of the new list that machines of this platform will get instead; undefined when they get nothing. */
  readonly fallback: Choosable | undefined;
}

/**
 * The platforms of `before` that `after` does not have, each once, in their order. Platforms are compared after
 * normalising; a Windows entry without os.version serves every build. A platform that only a fallback serves counts as
 * removed.
 */
export function removedPlatforms(
  before: readonly Choosable[],
  after: readonly Choosable[],
): readonly RemovedPlatform[] {
  const slots = new Set(
    after.filter(isChoosable).flatMap((entry) => (entry.platform ? slotsOf(entry.platform) : [])),
  );
  const removed = new Map<string, RemovedPlatform>();
  for (const entry of before) {
    if (!isChoosable(entry) || entry.platform === undefined) continue;
    const { platform } = entry;
    if (servedBy(platform).some((slot) => slots.has(slot))) continue;
    removed.set(platformSlot(platform), {
      platform,
      fallback: choose('containerd', after, machineOf(platform))?.entry,
    });
  }
  return [...removed.values()];
}

/** The machine of a platform: every Windows host has win32k, also if the image does not need it. */
export function machineOf(platform: Platform): Platform {
  return platform.os.toLowerCase() === 'windows' ? { ...platform, 'os.features': ['win32k'] } : platform;
}

// os.features choose between images of one build; without them, a machine still gets an image for its build.
function slotsOf({ 'os.features': _, ...platform }: Platform): readonly string[] {
  return [platformSlot(platform)];
}

function servedBy({ 'os.features': _, ...platform }: Platform): readonly string[] {
  const { 'os.version': _version, ...anyBuild } = platform;
  return [platformSlot(platform), platformSlot(anyBuild)];
}
