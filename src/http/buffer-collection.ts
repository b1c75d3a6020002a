import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'minor' | 'major' }) => void;

/** Bytes between two collections: of buffers just used, and of those that were in use during two such. */
const spans = { minor: 3 * 1024 * 1024, major: 96 * 1024 * 1024 };

let collect: Collect | undefined;
const passed = { minor: 0, major: 0 };

/**
 * Takes note of bytes that went by, and now and then has the buffers they came in collected.
 * The engine weighs small objects, not the buffers behind them: left alone it lets 50 MB and more of used
 * buffers gather, collected like this a few. It takes some 20 ms for each 100 MB.
 */
export function bytesPassed(count: number): void {
  passed.minor += count;
  if (passed.minor < spans.minor) return;
  passed.major += passed.minor;
  passed.minor = 0;
  const isDue = passed.major >= spans.major;
  if (isDue) passed.major = 0;
  collect ??= collector();
  collect({ type: isDue ? 'major' : 'minor' });
}

/** Bytes of buffers held for a while and given up, between two collections. */
const droppedSpan = 8 * 1024 * 1024;
let dropped = 0;

/** Takes note of bytes that were held and are not wanted after all, such as an answer that is too large. */
export function bytesDropped(count: number): void {
  dropped += count;
  if (dropped < droppedSpan) return;
  dropped = 0;
  collect ??= collector();
  collect({ type: 'major' });
}

function collector(): Collect {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof gc === 'function' ? (gc as Collect) : () => undefined;
}
