import {
  formatPlatform,
  isAskedPlatform,
  normalizePlatform,
  type Platform,
  parsePlatform,
} from '../oci/platform.ts';
import { type Choosable, isChoosable } from './puller.ts';
import { formatWindowsBuild, parseWindowsBuild } from './windows-build.ts';

/** A kind of machine that pulls. */
export interface Client {
  /** Its name in reports, such as `linux/arm/v7` or `windows/amd64 (10.0.20348)`. */
  readonly name: string;
  /** The platform that it states, normalised. */
  readonly platform: Platform;
}

const linuxMachines: readonly Client[] = [
  ...['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v3', 'linux/arm64'],
  ...['linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5', 'linux/386'],
  ...['linux/ppc64le', 'linux/s390x', 'linux/riscv64', 'linux/loong64'],
].map((name) => ({ name, platform: normalizePlatform(parsePlatform(name)) }));

/** A build that no image is for, so that only entries without os.version fit. */
const otherBuild = '10.0.0';

/**
 * The clients to report on for some lists, such as the old and the new list of a tag: common Linux machines if a list
 * has Linux entries, Windows hosts of the builds in the lists, and the platform of every other entry.
 */
export function clientsOf(...lists: readonly (readonly Choosable[])[]): readonly Client[] {
  const platforms = lists
    .flat()
    .flatMap((entry) => (isChoosable(entry) && entry.platform ? [normalizePlatform(entry.platform)] : []));
  const common = platforms.some(({ os }) => os === 'linux') ? linuxMachines : [];
  const windows = platforms.filter(({ os }) => os === 'windows');
  const others = platforms
    .filter((each) => each.os !== 'windows' && isAskedPlatform(each))
    .map((each) => ({ name: formatPlatform(each), platform: machineOf(each) }));
  return unique([...common, ...windows.flatMap((each) => windowsClients(each, windows)), ...others]);
}

function machineOf({ os, architecture, variant }: Platform): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

function windowsClients(platform: Platform, all: readonly Platform[]): readonly Client[] {
  const build = parseWindowsBuild(platform['os.version'] ?? '');
  if (build !== undefined) return [windowsClient(platform, formatWindowsBuild(build))];
  if (platform['os.version'] !== undefined) return [];
  const same = all.filter((other) => formatPlatform(other) === formatPlatform(platform));
  const hasBuilds = same.some((other) => other['os.version'] !== undefined);
  return [windowsClient(platform, hasBuilds ? otherBuild : undefined)];
}

// Every host has win32k, except Nano Server, which is never a host.
function windowsClient(platform: Platform, version: string | undefined): Client {
  const machine = { ...machineOf(platform), 'os.features': ['win32k'] };
  if (version === undefined) return { name: formatPlatform(machine), platform: machine };
  const name = `${formatPlatform(machine)} (${version === otherBuild ? 'other builds' : version})`;
  return { name, platform: { ...machine, 'os.version': version } };
}

function unique(clients: readonly Client[]): readonly Client[] {
  const seen = new Map<string, Client>();
  for (const client of clients) {
    const key = JSON.stringify([formatPlatform(client.platform), client.platform['os.version']]);
    if (!seen.has(key)) seen.set(key, client);
  }
  return [...seen.values()];
}
