/** The part of a Windows version that decides compatibility, such as 10.0.20348 of `10.0.20348.2340`. */
interface WindowsBuild {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/** The first build with a stable container interface: Windows Server 2022. */
const firstStable = 20348;

/** Long-term releases since then, ascending: Windows Server 2022 and 2025. */
const longTermReleases: readonly number[] = [20348, 26100];

/** Reads an `os.version`; undefined when it does not begin with three numbers. */
export function parseWindowsBuild(version: string): WindowsBuild | undefined {
  const [, major, minor, build] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,5})(?:\.|$)/.exec(version) ?? [];
  if (build === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), build: Number(build) };
}

/** `major.minor.build`. */
export function formatWindowsBuild({ major, minor, build }: WindowsBuild): string {
  return `${major}.${minor}.${build}`;
}

/**
 * Whether a host runs images of a build without Hyper-V isolation, as github.com/containerd/platforms
 * (platform_windows_compat.go) decides it:
 *
 *     host before 20348    the same build only
 *     host 20348           20348
 *     later hosts          from the last long-term release before the host up to the host's own build
 */
export function runsWindowsBuild(host: WindowsBuild, image: WindowsBuild): boolean {
  if (host.major !== image.major || host.minor !== image.minor) return false;
  if (host.build < firstStable) return host.build === image.build;
  const oldest = longTermReleases.findLast((release) => release < host.build) ?? firstStable;
  return oldest <= image.build && image.build <= host.build;
}
