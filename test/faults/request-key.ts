/** Names for the requests of a job that are the same in each run, in whatever order parallel ones arrive. */
import type { FaultTarget } from '../support/faults/fault-classes.ts';
import type { TestRegistry } from '../support/registry/registry.ts';
import type { WireEntry } from '../support/wire/wire-transcript.ts';

/** The nth request with this method and path at one of a job's registries. */
export interface RequestKey {
  /** Index of the registry. */
  readonly registry: number;
  readonly method: string;
  /** Matches the path with its query; what is random in it may be anything. */
  readonly path: RegExp;
  /** 1-based. */
  readonly nth: number;
  /** As people read it: `GET /v2/app/manifests/1 (2nd)`. */
  readonly name: string;
}

/** The keys of all requests that a run made. */
export function requestKeys(registries: readonly TestRegistry[]): readonly RequestKey[] {
  return registries.flatMap(({ wire }, registry) => {
    const seen = new Map<string, number>();
    return wire.map((entry) => {
      const shown = `${entry.method} ${stable(entry)}`;
      const nth = (seen.get(shown) ?? 0) + 1;
      seen.set(shown, nth);
      return { registry, method: entry.method, path: patternOf(entry), nth, name: `${shown} #${nth}` };
    });
  });
}

/** A registry as a target of faults that meet one request and what repeats it. */
export function targetOf(registry: TestRegistry, key: RequestKey): FaultTarget {
  return {
    inject: (injection) =>
      registry.inject({ ...injection, on: { ...injection.on, method: key.method, path: key.path } }),
  };
}

const session = /(\/blobs\/uploads\/)[0-9a-f-]{36}/;
const state = /_state=[0-9a-f-]{36}/;

function stable({ path }: WireEntry): string {
  return path.replace(session, '$1<session>').replace(state, '_state=<state>');
}

function patternOf(entry: WireEntry): RegExp {
  const text = stable(entry).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${text.replace(/<(session|state)>/g, '[0-9a-f-]{36}')}$`);
}
