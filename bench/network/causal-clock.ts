/**
 * How deep a client's talk with its servers is, in round trips, by what can have caused what: a byte leaves the client
 * at the time of the latest answer that has reached it, and an answer leaves its server at the time of the latest byte
 * that has reached that one. Computing costs nothing, so the result does not depend on how busy the machine is while its
 * delays stay below the network's; beyond that it is too high, never too low.
 */
export class CausalClock {
  #now = 0;

  /** The time of the latest answer that has reached the client. */
  get now(): number {
    return this.#now;
  }

  advance(time: number): void {
    this.#now = Math.max(this.#now, time);
  }
}
