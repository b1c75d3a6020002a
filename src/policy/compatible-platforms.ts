import { normalizePlatform, type Platform } from '../oci/platform.ts';

/** The newest minor version of ARMv8 that ARMv9 builds on. */
const maxMinorOfV8 = 9;

/**
 * The platforms whose images a machine runs, the best first, without os.version and os.features
 * (github.com/containerd/platforms, compare.go):
 *
 *     arm/vN         vN … v5
 *     arm64/v8.N     v8.N … v8, then arm v8 … v5
 *     arm64/v9.N     v9.N … v9, then v8.(N+5), at most v8.9, … v8, then arm v8 … v5
 *     amd64/vN       vN … v1, then 386
 *     others         themselves
 */
export function compatiblePlatforms(client: Platform): readonly Platform[] {
  const { os, architecture, variant } = normalizePlatform(client);
  const names: readonly Name[] = [[architecture, variant], ...namesBelow(architecture, variant)];
  return names.map(([name, level]) =>
    normalizePlatform({ os, architecture: name, ...(level === undefined ? {} : { variant: level }) }),
  );
}

type Name = readonly [architecture: string, variant?: string | undefined];

function namesBelow(architecture: string, variant: string | undefined): readonly Name[] {
  const [, major = '', minor = ''] = /^v(\d{1,2})(?:\.(\d{1,2}))?$/.exec(variant ?? '') ?? [];
  switch (architecture) {
    case 'amd64':
      return [...countdown(Number(major) - 1, 1).map((each): Name => ['amd64', `v${each}`]), ['386']];
    case 'arm':
      return armBelow(Number(major));
    case 'arm64':
      return arm64Below(variant === undefined ? 8 : Number(major), Number(minor));
    default:
      return [];
  }
}

function armBelow(level: number): readonly Name[] {
  return countdown(level - 1, 5).map((each) => ['arm', `v${each}`]);
}

function arm64Below(major: number, minor: number): readonly Name[] {
  if (major !== 8 && major !== 9) return [];
  const newest = major === 8 ? minor - 1 : Math.min(minor + 5, maxMinorOfV8);
  return [
    ...(major === 9 ? countdown(minor - 1, 0).map((each): Name => ['arm64', `v9.${each}`]) : []),
    ...countdown(newest, 0).map((each): Name => ['arm64', `v8.${each}`]),
    ['arm', 'v8'],
    ...armBelow(8),
  ];
}

function countdown(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(from - to + 1, 0) }, (_, at) => from - at);
}
