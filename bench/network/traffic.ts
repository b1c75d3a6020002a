/** What passes between a tool and the hosts it talks to. */
export interface Traffic {
  /** `GET /v2/`, oldest first. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** Round trips one after the other; see CausalClock. */
  readonly depth: number;
}

/** A stretch of network with a distance that can be set. */
export interface Network {
  /** `127.0.0.1:port`, where it takes connections. */
  readonly address: string;
  /** Sets the round trip of new connections, in milliseconds, and counts from zero. */
  begin(roundTrip: number): void;
  close(): Promise<void>;
}
