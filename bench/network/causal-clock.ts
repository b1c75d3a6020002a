/**
 * Counts sequential round trips by cause: a byte leaves the client at the time of the latest answer that has reached it,
 * and an answer leaves its server at the time of the latest byte that has reached the server. Computation takes no time on
 * this clock. A busy machine changes the result only if it delays packets longer than the network does; the count is then
 * too high, never too low.
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
