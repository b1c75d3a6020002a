/** The registries of a copy, each behind a proxy with latency. */
import { type RealRegistry, startRealRegistry } from '../../test/support/registry/real-registry.ts';
import { LatencyProxy } from '../network/latency-proxy.ts';

export interface Line {
  readonly title: string;
  readonly tls: boolean;
  /** Milliseconds. */
  readonly roundTrip: number;
}

export interface LinedRegistry {
  /** `127.0.0.1:port`, the address for tools. */
  readonly host: string;
  /** The registry itself, without latency. */
  readonly registry: RealRegistry;
  close(): Promise<void>;
}

/** Starts an empty registry behind such a proxy. */
export async function startLinedRegistry({ tls, roundTrip }: Line): Promise<LinedRegistry> {
  const registry = await startRealRegistry({ tls });
  if (roundTrip === 0) return { host: registry.host, registry, close: () => registry.close() };
  const proxy = await new LatencyProxy(registry.host).listen();
  proxy.begin(roundTrip);
  return {
    ...{ host: proxy.address, registry },
    async close() {
      await proxy.close();
      await registry.close();
    },
  };
}
