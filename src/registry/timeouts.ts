/** How long the network may keep a run waiting, in milliseconds. */
export interface Timeouts {
  /** Until a connection, with TLS, stands. */
  readonly connect: number;
  /** Until the first byte of an answer. */
  readonly headers: number;
  /** Between two pieces of a body, either way. */
  readonly idle: number;
  /** From the request's start to its answer's end, for answers that are read whole. */
  readonly whole: number;
}

/** The waits of a normal run. */
export const standardTimeouts: Timeouts = { connect: 10_000, headers: 30_000, idle: 30_000, whole: 120_000 };
