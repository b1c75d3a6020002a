/** The patience of a normal run on a clock that runs faster, so that tests need not sit through it. */
import type { Network } from '../../src/actions/run.ts';
import { standardTimeouts, type Timeouts } from '../../src/http/transport.ts';
import { type Clock, systemClock } from '../../src/run/clock.ts';

/** How many times as fast: half a minute of looking again takes three seconds. */
export const haste = 10;

const started = Date.now();

/** A normal run's clock, hurried; a date in an answer lies in the past sooner, too. */
export const hurriedClock: Clock = {
  ...systemClock,
  now: () => started + (Date.now() - started) * haste,
  sleep: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds / haste)),
};

/** Sockets know no clock but the system's. A busy machine keeps a test waiting too, so it is not all of the haste. */
export const hurriedTimeouts: Timeouts = { connect: 2000, headers: 900, idle: 900, whole: 2000 };

/** For runs that meet a silent host. */
export const hurried: Network = { clock: hurriedClock, timeouts: hurriedTimeouts };

/** For runs that should meet none: what comes late is still waited for. */
export const patient: Network = { clock: hurriedClock, timeouts: standardTimeouts };
