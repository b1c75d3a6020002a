/** Joins two sockets with a delay: every byte takes half a round trip in either direction. */
import type { Duplex } from 'node:stream';
import type { CausalClock } from './causal-clock.ts';

export interface Distance {
  /** Milliseconds. */
  readonly roundTrip: number;
  /** The time before which no byte is sent (performance.now()). */
  readonly notBefore: number;
  readonly clock: CausalClock;
  /** The time on `clock` at which the connection was usable. */
  readonly opened: number;
}

/** Forwards bytes both ways. When one socket fails, destroys the other. Does not model bandwidth. */
export function joinDelayed(client: Duplex, server: Duplex, distance: Distance): void {
  const { clock, opened } = distance;
  let reachedServer = opened;
  delay({ from: client, to: server, distance }, () => {
    const arrival = Math.max(clock.now, opened) + 0.5;
    return () => {
      reachedServer = Math.max(reachedServer, arrival);
    };
  });
  delay({ from: server, to: client, distance }, () => {
    const arrival = reachedServer + 0.5;
    return () => clock.advance(arrival);
  });
  for (const [socket, other] of [[client, server] as const, [server, client] as const]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => socket.errored && other.destroy());
  }
}

interface Way {
  readonly from: Duplex;
  readonly to: Duplex;
  readonly distance: Distance;
}

/** Forwards one direction, each chunk after its delay and in order. `depart` returns the function to call when a chunk arrives. */
function delay({ from, to, distance: { roundTrip, notBefore } }: Way, depart: () => () => void): void {
  const waiting: { readonly due: number; readonly deliver: () => void }[] = [];
  const wakeFor = (due: number): void => void setTimeout(deliverDue, Math.max(0, due - performance.now()));
  const deliverDue = (): void => {
    while (waiting[0] && waiting[0].due <= performance.now()) waiting.shift()?.deliver();
    if (waiting[0]) wakeFor(waiting[0].due);
  };
  const enqueue = (deliver: () => void): void => {
    const due = Math.max(performance.now(), notBefore) + roundTrip / 2;
    waiting.push({ due, deliver });
    if (waiting.length === 1) wakeFor(due);
  };
  from.on('data', (chunk) => {
    const arrive = depart();
    enqueue(() => {
      if (!to.writable) return;
      arrive();
      to.write(chunk);
    });
  });
  from.on('end', () => enqueue(() => to.end()));
}
