import type { Digest } from '../oci/digest.ts';
import {
  attestationPlatform,
  isWholePlatform,
  normalizePlatform,
  type Platform,
  samePlatform,
} from '../oci/platform.ts';
import { compatiblePlatforms } from './compatible-platforms.ts';
import { parseWindowsBuild, runsWindowsBuild } from './windows-build.ts';

/**
 * The programs that choose an entry of a list, grouped by their rules.
 *
 *     containerd   containerd and Docker: the best platform, on Windows the host's own build before older ones, then the
 *                  most os.features, then the first (github.com/containerd/platforms; moby, pull_v2_windows.go)
 *     skopeo       skopeo, podman, buildah and CRI-O: names are compared as they are written, os.version and os.features
 *                  are ignored, the first wins; no other architecture is tried (containers/image, platform_matcher.go)
 *
 * crane and oras try no other platform than the one that they are told.
 */
export type Puller = 'containerd' | 'skopeo';

/** The part of a list's entry by which clients choose. */
export interface Choosable {
  readonly digest: Digest;
  readonly platform?: Platform | undefined;
}

/** The entry that a puller chooses for a client. */
export interface PulledEntry {
  readonly entry: Choosable;
  /** `exact`: the client's own platform; `fallback`: one that it can also run, or none. */
  readonly how: 'exact' | 'fallback';
}

/** An entry that fits, and how well: lower ranks win, compared field by field. */
interface Candidate extends PulledEntry {
  readonly rank: readonly number[];
}

/**
 * The entry of a list that a puller chooses on a client, or undefined when none fits. Attestations are never chosen; an
 * entry without a platform is chosen only when no other fits.
 */
export function choose(
  puller: Puller,
  entries: readonly Choosable[],
  client: Platform,
): PulledEntry | undefined {
  const fits = puller === 'skopeo' ? skopeoFit(client) : containerdFit(client);
  const candidates = entries.flatMap((entry, position) => {
    if (!isChoosable(entry)) return [];
    if (entry.platform === undefined)
      return [{ entry, how: 'fallback' as const, rank: [Infinity, position] }];
    return fits(entry, entry.platform, position) ?? [];
  });
  const [best] = candidates.toSorted((a, b) => compareRanks(a.rank, b.rank));
  return best && { entry: best.entry, how: best.how };
}

/** Whether a client can choose the entry: its platform has no empty part, and is not that of attestations. */
export function isChoosable({ platform }: Choosable): boolean {
  if (platform === undefined) return true;
  const isUnknown = platform.os.toLowerCase() === attestationPlatform.os;
  return isWholePlatform(platform) && !(isUnknown && samePlatform(platform, attestationPlatform));
}

type Fit = (entry: Choosable, platform: Platform, position: number) => Candidate | undefined;

function containerdFit(client: Platform): Fit {
  const steps = compatiblePlatforms(client);
  return (entry, written, position) => {
    const platform = normalized(written);
    const step = steps.findIndex((each) => sameMachine(each, platform));
    if (step < 0 || !runsVersion(client, platform) || !hasFeatures(client, platform)) return undefined;
    const isOwn = isOwnBuild(client, platform);
    const how = step === 0 && isOwn ? 'exact' : 'fallback';
    const features = platform['os.features']?.length ?? 0;
    return { entry, how, rank: [step, isOwn ? 0 : 1, -features, position] };
  };
}

// Called for every client and every puller of a list.
const known = new WeakMap<Platform, Platform>();

function normalized(written: Platform): Platform {
  const platform = known.get(written) ?? normalizePlatform(written);
  known.set(written, platform);
  return platform;
}

function sameMachine(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && a.variant === b.variant;
}

function runsVersion(client: Platform, { os, 'os.version': version }: Platform): boolean {
  const host = parseWindowsBuild(client['os.version'] ?? '');
  if (os !== 'windows' || host === undefined || version === undefined) return true;
  const image = parseWindowsBuild(version);
  return image !== undefined && runsWindowsBuild(host, image);
}

// An entry without version is for every build.
function isOwnBuild(client: Platform, { os, 'os.version': version }: Platform): boolean {
  const host = parseWindowsBuild(client['os.version'] ?? '');
  if (os !== 'windows' || host === undefined || version === undefined) return true;
  return parseWindowsBuild(version)?.build === host.build;
}

function hasFeatures(client: Platform, platform: Platform): boolean {
  const own = client['os.features'] ?? [];
  return (platform['os.features'] ?? []).every((feature) => own.includes(feature));
}

function skopeoFit(client: Platform): Fit {
  const wanted = skopeoVariants(normalizePlatform(client));
  return (entry, { os, architecture, variant = '' }, position) => {
    const step = wanted.indexOf(variant);
    if (os !== client.os || architecture !== client.architecture || step < 0) return undefined;
    return { entry, how: step === 0 ? 'exact' : 'fallback', rank: [step, position] };
  };
}

const skopeoOrders: Readonly<Record<string, readonly string[]>> = {
  arm: ['v8', 'v7', 'v6', 'v5'],
  arm64: ['v8'],
};

// An arm64 machine detects v8, which the normalised platform omits.
function skopeoVariants({ architecture, variant }: Platform): readonly string[] {
  const own = variant ?? (architecture === 'arm64' ? 'v8' : '');
  if (own === '') return [''];
  const levels = skopeoOrders[architecture] ?? [];
  const at = levels.indexOf(own);
  return [...(at < 0 ? [own] : levels.slice(at)), ''];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
}
