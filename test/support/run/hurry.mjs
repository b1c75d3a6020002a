/**
 * Loaded before an entry: makes its clock run TEST_HASTE times as fast, so that a host that never answers costs a
 * test seconds instead of minutes. Works on src and on dist alike, since both take the time from these globals.
 */
const haste = Number(process.env['TEST_HASTE']);
const { setTimeout: realTimeout } = globalThis;
const realSignal = AbortSignal.timeout;
const realNow = Date.now;
const started = realNow();

globalThis.setTimeout = Object.assign(
  (callback, milliseconds, ...values) => realTimeout(callback, milliseconds / haste, ...values),
  realTimeout,
);
AbortSignal.timeout = (milliseconds) => realSignal.call(AbortSignal, Math.ceil(milliseconds / haste));
Date.now = () => started + (realNow() - started) * haste;
