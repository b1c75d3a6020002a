import type { RegistryClient } from '../registry/client.ts';
import type { Cancellation } from '../run/cancellation.ts';
import type { Clock } from '../run/clock.ts';
import type { Observer } from '../run/observer.ts';

/** The services that every stage of a run uses. */
export interface RunContext {
  readonly client: RegistryClient;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly cancellation: Cancellation;
}
