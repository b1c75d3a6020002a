/**
 * The clock of runs in process and of the test servers they talk to. It stands still while anything is under way
 * and jumps to the end of the next sleep when nothing is, so that waiting takes no time and a busy machine changes
 * nothing: what would come first on a quick machine comes first.
 */
import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as realSleep, setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../src/run/clock.ts';

/** Turns of the event loop without work after which nothing is under way: an answer takes two or three. */
const calmTurns = 12;

/**
 * Requests without an answer no longer hold the clock when nothing has happened for so many milliseconds and so many
 * turns of the event loop: a silent host never answers. A process that the machine does not let run has no turns.
 */
const patience = { milliseconds: 250, turns: 50_000 };

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Requests of undici's that have no whole answer yet. */
const inFlight = new Set<unknown>();
/** Counts what happens to requests. */
let events = 0;
/** How many requests a test server holds on purpose. */
let held = 0;
let runs = 0;
let time = Date.now();
const sleepers: Sleeper[] = [];
let isWatching = false;

/** Time passes only when everything sleeps. */
export const testClock: Clock = {
  now: () => time,
  sleep: (milliseconds) =>
    new Promise((wake) => {
      sleepers.push({ due: time + milliseconds, wake });
      void watch();
    }),
  random: Math.random,
};

/** Works by the test clock while this goes on; test servers then sleep by it too. */
export async function onTestClock<T>(work: () => Promise<T>): Promise<T> {
  listen();
  if (runs === 0) time = Math.max(time, Date.now());
  runs += 1;
  try {
    return await work();
  } finally {
    runs -= 1;
  }
}

/** A test server's pause: on the test clock during runs in process, else on the real one. */
export async function serverPause(milliseconds: number): Promise<void> {
  if (runs === 0) await realSleep(milliseconds);
  else await testClock.sleep(milliseconds);
}

/** The time as a test server sees it, in milliseconds since some fixed moment. */
export function serverNow(): number {
  return runs === 0 ? performance.now() : time;
}

/** The date as a test server states it, in milliseconds since 1970. */
export function serverDate(): number {
  return runs === 0 ? Date.now() : time;
}

/** Keeps one request waiting until then, on purpose. */
export async function holdRequest<T>(until: Promise<T>): Promise<T> {
  held += 1;
  try {
    return await until;
  } finally {
    held -= 1;
  }
}

async function watch(): Promise<void> {
  if (isWatching) return;
  isWatching = true;
  while (sleepers.length > 0) {
    await calm();
    sleepers.sort((one, other) => one.due - other.due);
    const next = sleepers.shift();
    if (next === undefined) break;
    time = Math.max(time, next.due);
    next.wake();
  }
  isWatching = false;
}

/** Resolves when nothing is under way. */
async function calm(): Promise<void> {
  let last = { events, at: performance.now(), turn: 0 };
  let calmSince = 0;
  for (let turn = 1; turn - calmSince <= calmTurns; turn += 1) {
    await setImmediate();
    if (last.events !== events) last = { events, at: performance.now(), turn };
    const silence = performance.now() - last.at;
    // What nothing happens to any more is with a silent host, or was given up.
    if (silence > patience.milliseconds && turn - last.turn > patience.turns) inFlight.clear();
    if (last.turn === turn || inFlight.size > held || isReading()) calmSince = turn;
  }
}

/** Whether the file system or the name service is asked, which takes other threads as long as it takes. */
function isReading(): boolean {
  return process.getActiveResourcesInfo().some((name) => /^(?:FSReq|CloseReq|GetAddrInfo)/.test(name));
}

let listens = false;

function listen(): void {
  if (listens) return;
  listens = true;
  const on = (name: string, act: (request: unknown) => void): void => {
    subscribe(`undici:request:${name}`, (message) => {
      events += 1;
      act((message as { readonly request: unknown }).request);
    });
  };
  on('create', (request) => {
    // A tunnel never ends with an answer.
    if ((request as { readonly method: string }).method !== 'CONNECT') inFlight.add(request);
  });
  on('headers', () => {});
  for (const end of ['trailers', 'error']) on(end, (request) => inFlight.delete(request));
}
