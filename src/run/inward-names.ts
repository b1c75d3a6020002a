import type { LookupAddress, LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { NetworkError } from './errors.ts';
import { Memo } from './memo.ts';
import { inwardPlace, isPublicAddress } from './reach.ts';

/** Resolves a name to all its addresses, as node:dns/promises does. */
type Resolve = (name: string, options: LookupAllOptions) => Promise<readonly LookupAddress[]>;

/** Looks up the names of a host that is contacted for a registry, `host:port` as HttpRequest names it. */
export type NameLookup = (origin: URL, registryHost: string) => LookupFunction;

/**
 * Refuses names that resolve to this machine, to a link-local address or to cloud metadata, where the connection is
 * made: a registry, and whoever answers for a name, could otherwise lead requests into the runner. A registry itself
 * may be anywhere, but must not move inwards during a run (DNS rebinding). Private networks are allowed, because object
 * storage has private endpoints. `allowsLoopback`: whether a registry's host may lead to loopback addresses.
 */
export function outwardNames(
  allowsLoopback: (registryHost: string) => boolean,
  resolve: Resolve = systemResolve,
): NameLookup {
  /** Whether the first addresses of each registry's name were public. */
  const firsts = new Memo<string, boolean>();
  const resolveFirst = async (name: string): Promise<boolean> =>
    isPublic(await resolve(name, { all: true }).catch(() => []));
  return ({ hostname, host }, registryHost) => {
    const own = new URL(`https://${registryHost}`).hostname;
    const isOwn = hostname === own;
    const allowed = async (name: string, options: LookupAllOptions): Promise<readonly LookupAddress[]> => {
      const found = await resolve(name, options);
      const areInward = found.map(({ address }) => inwardPlace(address));
      if (areInward.every((place) => place === undefined) && !isOwn) return found;
      const isOutside = await firsts.get(own, async () => (isOwn ? isPublic(found) : resolveFirst(own)));
      const mayUse = (place: string | undefined): boolean => {
        if (place === undefined || (isOwn && !isOutside)) return true;
        return place === 'a loopback' && (!isOutside || allowsLoopback(registryHost));
      };
      const kept = found.filter((_, at) => mayUse(areInward[at]));
      if (kept.length > 0) return kept;
      throw inward(host, areInward[0] ?? 'no', isOwn ? undefined : registryHost);
    };
    return (name, options, callback) => {
      allowed(name, { ...options, all: true }).then(
        (found) => {
          const [first] = found;
          if (options.all) callback(null, [...found]);
          else callback(null, first?.address ?? '', first?.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      );
    };
  };
}

// One public address is enough: an inward one beside it must not open the way inwards.
function isPublic(found: readonly LookupAddress[]): boolean {
  return found.length === 0 || found.some(({ address }) => isPublicAddress(address));
}

const systemResolve: Resolve = (name, options) =>
  process.getBuiltinModule('node:dns').promises.lookup(name, options);

function inward(host: string, place: string, registryHost: string | undefined): NetworkError {
  const [subject, hint] =
    registryHost === undefined
      ? [`${host} now resolves to ${place} address`, 'Check who answers for this name.']
      : [
          `${host}, which ${registryHost} names, resolves to ${place} address`,
          `If it is your own network that maps this name, add ${registryHost} to insecure-registries.`,
        ];
  return new NetworkError('INWARD_ADDRESS', `${subject}: nothing was sent`, { hint });
}
