/** Lists, and the entry that each machine pulls from them: the models and the real clients are compared with it. */
import type { Platform } from '../../../src/oci/platform.ts';

/** A platform of an entry; null for an entry without one. */
export type EntryPlatform = string | Platform | null;

/**
 * The entries that one machine pulls, by their place: with containerd, then with podman if it pulls another one. `~`: an
 * entry for another machine, which this one runs; `-`: none. `'1~ -'`: containerd pulls the second entry as a fallback,
 * podman none.
 */
type Pulled = string;

/** Machines that pull nothing with any client are left out. */
export interface PulledList {
  readonly name: string;
  readonly platforms: readonly EntryPlatform[];
  readonly pulls: Readonly<Record<string, Pulled>>;
  /**
   * What crane takes where it is not what containerd does, fallbacks left out: it takes the first entry with this os and
   * architecture as they are written, of any variant if it is told none.
   */
  readonly crane?: Readonly<Record<string, Pulled>>;
}

const erofs = { os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] };

const windows = (version?: string, features: readonly string[] = []): Platform => ({
  os: 'windows',
  architecture: 'amd64',
  ...(version !== undefined && { 'os.version': version }),
  ...(features.length > 0 && { 'os.features': features }),
});

/** For `linux/…` machines; the names of pulls are completed with it. */
const linux = (pulls: Readonly<Record<string, Pulled>>) =>
  Object.fromEntries(Object.entries(pulls).map(([name, pulled]) => [`linux/${name}`, pulled]));

const amd64 = (pulled: Pulled) => ({ amd64: pulled, 'amd64/v2': pulled, 'amd64/v3': pulled });
const amd64Below = (at: Pulled) => ({ amd64: at, 'amd64/v2': `${at}~`, 'amd64/v3': `${at}~` });

export const pulledLists: readonly PulledList[] = [
  {
    name: 'the usual',
    platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
    pulls: linux({ ...amd64Below('0'), arm64: '1', 'arm/v7': '2' }),
  },
  {
    name: 'images that other machines run, too',
    platforms: ['linux/amd64', 'linux/arm/v7'],
    pulls: linux({ ...amd64Below('0'), arm64: '1~ -', 'arm/v7': '1' }),
  },
  {
    name: 'ARM machines without an image of their own',
    platforms: ['linux/arm/v6'],
    pulls: linux({ arm64: '0~ -', 'arm/v7': '0~', 'arm/v6': '0' }),
  },
  {
    name: 'levels of ARM, the lowest first',
    platforms: ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7'],
    pulls: linux({ arm64: '2~ -', 'arm/v7': '2', 'arm/v6': '1', 'arm/v5': '0' }),
  },
  {
    name: 'ARM without variant, which podman takes last',
    platforms: ['linux/arm/v5', 'linux/arm/v6', 'linux/arm', 'linux/386'],
    pulls: linux({
      ...amd64('3~ -'),
      arm64: '2~ -',
      'arm/v7': '2 1',
      'arm/v6': '1',
      'arm/v5': '0',
      '386': '3',
    }),
    crane: linux({ 'arm/v7': '-' }),
  },
  {
    name: 'ARM without variant first',
    platforms: ['linux/arm', 'linux/arm/v6', 'linux/arm/v5'],
    pulls: linux({ arm64: '0~ -', 'arm/v7': '0 1', 'arm/v6': '1', 'arm/v5': '2' }),
    crane: linux({ 'arm/v7': '-' }),
  },
  {
    name: 'levels of ARM without the lowest',
    platforms: ['linux/arm/v7', 'linux/arm/v6', 'linux/amd64'],
    pulls: linux({ ...amd64Below('2'), arm64: '0~ -', 'arm/v7': '0', 'arm/v6': '1' }),
  },
  {
    name: 'both spellings of arm64',
    platforms: ['linux/arm64', 'linux/arm64/v8'],
    pulls: linux({ arm64: '0 1' }),
  },
  {
    name: 'levels of arm64',
    platforms: ['linux/arm64/v8.2', 'linux/arm64'],
    pulls: linux({ arm64: '1', 'arm64/v8.2': '0' }),
    crane: linux({ arm64: '0' }),
  },
  {
    name: 'levels of amd64',
    platforms: ['linux/386', 'linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64'],
    pulls: linux({ amd64: '3', 'amd64/v2': '2', 'amd64/v3': '1', '386': '0' }),
    crane: linux({ amd64: '1' }),
  },
  {
    name: 'a level of amd64 only',
    platforms: ['linux/amd64/v2', 'linux/386'],
    pulls: linux({ amd64: '1~ -', 'amd64/v2': '0', 'amd64/v3': '0~ -', '386': '1' }),
    crane: linux({ amd64: '0' }),
  },
  {
    name: 'only levels below',
    platforms: ['linux/386', 'linux/arm/v5'],
    pulls: linux({
      ...amd64('0~ -'),
      arm64: '1~ -',
      'arm/v7': '1~',
      'arm/v6': '1~',
      'arm/v5': '1',
      '386': '0',
    }),
  },
  {
    name: 'one platform twice',
    platforms: ['linux/amd64', 'linux/amd64', 'linux/s390x'],
    pulls: linux({ ...amd64Below('0'), s390x: '2' }),
  },
  {
    name: 'other spellings, which podman does not know',
    platforms: ['linux/x86_64', 'linux/aarch64', 'linux/arm/7'],
    pulls: linux({ amd64: '0 -', 'amd64/v2': '0~ -', 'amd64/v3': '0~ -', arm64: '1 -', 'arm/v7': '2 -' }),
    crane: linux({ amd64: '-', arm64: '-', 'arm/v7': '-' }),
  },
  {
    name: 'a wrong variant',
    platforms: ['linux/amd64/v8', 'linux/arm64'],
    pulls: linux({ arm64: '1' }),
    crane: linux({ amd64: '0' }),
  },
  {
    name: 'os.features behind the plain image',
    platforms: ['linux/amd64', erofs],
    pulls: linux(amd64Below('0')),
  },
  {
    name: 'os.features before the plain image',
    platforms: [erofs, 'linux/amd64'],
    pulls: linux({ amd64: '1 0', 'amd64/v2': '1~ 0', 'amd64/v3': '1~ 0' }),
    crane: linux({ amd64: '0' }),
  },
  {
    name: 'os.features only',
    platforms: [{ ...erofs, architecture: 'arm64' }, 'linux/amd64'],
    pulls: linux({ ...amd64Below('1'), arm64: '- 0' }),
    crane: linux({ arm64: '0' }),
  },
  {
    name: 'os.version on Linux, which tells nothing apart',
    platforms: ['1', '2'].map((version) => ({ os: 'linux', architecture: 'amd64', 'os.version': version })),
    pulls: linux(amd64Below('0')),
  },
  {
    name: 'an entry without platform, which every machine takes last',
    platforms: [null, 'linux/riscv64'],
    pulls: linux({
      ...Object.fromEntries(
        'amd64 amd64/v2 amd64/v3 arm64 arm/v7 arm/v6 arm/v5 386 ppc64le s390x loong64'
          .split(' ')
          .map((name) => [name, '0~']),
      ),
      riscv64: '1',
    }),
    crane: linux({ amd64: '0' }),
  },
  {
    name: 'no common platform',
    platforms: ['darwin/arm64', 'freebsd/amd64'],
    pulls: { 'darwin/arm64': '0', 'freebsd/amd64': '1' },
  },
  {
    name: 'Windows builds, old ones exactly',
    platforms: [windows('10.0.17763.5576'), windows('10.0.20348.2340')],
    pulls: { 'windows/amd64 (10.0.17763)': '0', 'windows/amd64 (10.0.20348)': '1' },
  },
  {
    name: 'the own Windows build of a host, which runs the one before, too',
    platforms: [windows('10.0.20348.2340'), windows('10.0.26100.1')],
    pulls: { 'windows/amd64 (10.0.20348)': '0', 'windows/amd64 (10.0.26100)': '1' },
  },
  {
    name: 'a Windows image without version',
    platforms: [windows(undefined, ['win32k'])],
    pulls: { 'windows/amd64': '0' },
  },
  {
    name: 'a Windows image for one build and one for the others',
    platforms: [windows('10.0.20348.1'), windows()],
    pulls: { 'windows/amd64 (10.0.20348)': '0', 'windows/amd64 (other builds)': '1' },
  },
  {
    name: 'the Windows image with most of the os.features',
    platforms: [windows('10.0.20348.1'), windows('10.0.20348.1', ['win32k'])],
    pulls: { 'windows/amd64 (10.0.20348)': '1' },
  },
];
