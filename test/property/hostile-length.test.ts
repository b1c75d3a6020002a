import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { readers } from './hostile-readers.ts';

/**
 * Nothing measures how long a reader takes: each needs a second or two of a quiet machine. One that takes more than linear
 * time needs many minutes for a million characters, and is stopped.
 */
const patience = 120_000;

let worker: Worker | undefined;
after(() => worker?.terminate());

describe('hostile text of 100,000 characters and more is read or refused in linear time', () => {
  for (const name of Object.keys(readers))
    it(`by ${name}`, async () => {
      worker ??= new Worker(new URL('./hostile-readers.ts', import.meta.url));
      worker.postMessage(name);
      try {
        const [failure] = await once(worker, 'message', { signal: AbortSignal.timeout(patience) });
        assert.ifError(failure);
      } catch (error) {
        await worker.terminate();
        worker = undefined;
        throw error;
      }
    });
});
