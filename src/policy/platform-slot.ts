import { normalizePlatform, type Platform } from '../oci/platform.ts';
import { formatWindowsBuild, parseWindowsBuild } from './windows-build.ts';

/**
 * A key that two platforms share exactly when one image serves both: os, architecture and variant, normalised, and on
 * Windows also the build of os.version and the os.features. The revision of a Windows version is omitted, because it
 * grows with every monthly update for the same clients.
 */
export function platformSlot(platform: Platform): string {
  const { os, architecture, variant = '', ...rest } = normalizePlatform(platform);
  if (os !== 'windows') return JSON.stringify([os, architecture, variant]);
  const version = rest['os.version'] ?? '';
  const build = parseWindowsBuild(version);
  const release = build === undefined ? version : formatWindowsBuild(build);
  return JSON.stringify([os, architecture, variant, release, rest['os.features'] ?? []]);
}
