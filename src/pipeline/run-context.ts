import type { RegistryClient } from '../registry/client.ts';
import type { Clock } from '../run/clock.ts';
import type { Observer } from '../run/observer.ts';

/** What every stage of a run works with. */
export interface RunContext {
  readonly client: RegistryClient;
  readonly observer: Observer;
  readonly clock: Clock;
}
