/** The traffic between a tool and its hosts. */
export interface Traffic {
  /** `GET /v2/`, oldest first. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** Round trips one after the other; see CausalClock. */
  readonly depth: number;
}

/** A network whose latency can be set. */
export interface Network {
  /** `127.0.0.1:port`, its listening address. */
  readonly address: string;
  /** Sets the round trip of new connections, in milliseconds, and resets the counters. */
  begin(roundTrip: number): void;
  close(): Promise<void>;
}
