import assert from 'node:assert/strict';

/** Waits for work that has to end after a timer. Timers end in their order, however busy the machine is. */
export async function afterTimer<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let ended = false;
  const timer = setTimeout(() => {
    ended = true;
  }, milliseconds);
  const result = await work;
  clearTimeout(timer);
  assert.ok(ended, `ended within ${milliseconds} ms`);
  return result;
}
