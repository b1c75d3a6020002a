import pLimit from 'p-limit';
import { NetworkError } from '../run/errors.ts';
import { bytesDropped } from './buffer-collection.ts';
import type { HttpRequest } from './message.ts';
import { redacted } from './message.ts';

/** Bytes of an answer that is no content: it is at most quoted, and many come at once when a host is in trouble. */
const quotedLimit = 64 * 1024;
/** Bodies beyond this are read in turn: 32 answers of 4 MiB at once would be more memory than a run may take. */
const usualSize = 128 * 1024;
const largeAtOnce = 2;

/** An answer whose body is to be read. */
export interface Incoming {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Reads whole bodies, none larger than its request allows, few large ones at the same time. */
export class BodyReader {
  readonly #inTurn = pLimit(largeAtOnce);

  /** The body; throws NetworkError TOO_LARGE when content is too large, and cuts any other text. */
  async read(request: HttpRequest, { status, body }: Incoming): Promise<Uint8Array> {
    const isContent = request.method === 'GET' && status >= 200 && status < 300;
    const limit = isContent ? request.maxBodyBytes : Math.min(request.maxBodyBytes, quotedLimit);
    const held = new HeldBody(body[Symbol.asyncIterator](), limit);
    await held.fill(Math.min(usualSize, limit));
    if (!held.isWhole && held.size <= limit) await this.#inTurn(() => held.fill(limit));
    await held.close();
    if (held.size > limit && isContent) throw tooLarge(request);
    return held.bytes;
  }
}

/** The part of a body that has come. */
class HeldBody {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #limit: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #isWhole = false;

  constructor(source: AsyncIterator<Uint8Array>, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** What has come, no more than the limit. */
  get bytes(): Uint8Array {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    return all.subarray(0, this.#limit);
  }

  /** Reads on until more than so many bytes are held, or all. */
  async fill(size: number): Promise<void> {
    while (!this.#isWhole && this.#size <= size) {
      const { value, done } = await this.#source.next();
      if (done === true) this.#isWhole = true;
      else {
        this.#size += value.byteLength;
        this.#chunks.push(value);
      }
    }
  }

  /** Ends the reading; what has not come never will. */
  async close(): Promise<void> {
    if (this.#isWhole) return;
    await this.#source.return?.();
    // About as much again has come and was not looked at.
    bytesDropped(2 * this.#size);
  }
}

function tooLarge(request: HttpRequest): NetworkError {
  return new NetworkError(
    'TOO_LARGE',
    `${redacted(request.url)} answers with more than ${request.maxBodyBytes} bytes`,
    {
      hint: 'What it serves is not a manifest or config of a container image.',
    },
  );
}
