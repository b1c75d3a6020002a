import pLimit from 'p-limit';
import { NetworkError } from '../run/errors.ts';
import type { BufferCollector } from './buffer-collector.ts';
import { type HttpRequest, maxShortBody, redacted } from './message.ts';

/** Larger bodies are read a few at a time: 32 answers of 4 MiB at once would exceed the memory budget. */
const maxUsualBody = 128 * 1024;
const maxLargeAtOnce = 2;

/** An answer whose body is to be read. */
export interface Incoming {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Reads whole bodies, none larger than its request allows, and few large ones at the same time. */
export class BodyReader {
  readonly #buffers: BufferCollector;
  readonly #large = pLimit(maxLargeAtOnce);

  constructor(buffers: BufferCollector) {
    this.#buffers = buffers;
  }

  /** The body; throws NetworkError TOO_LARGE when content is too large, and cuts any other answer. */
  async read(request: HttpRequest, { status, body }: Incoming): Promise<Uint8Array> {
    const isContent = request.method === 'GET' && status >= 200 && status < 300;
    const limit = isContent ? request.maxBodyBytes : Math.min(request.maxBodyBytes, maxShortBody);
    const partial = new PartialBody(body[Symbol.asyncIterator](), limit);
    await partial.fill(Math.min(maxUsualBody, limit));
    if (!partial.isComplete && partial.size <= limit) await this.#large(() => partial.fill(limit));
    if (!partial.isComplete) {
      await partial.cancel();
      // About as much again was received and not read.
      this.#buffers.discarded(2 * partial.size);
    }
    if (partial.size > limit && isContent) throw tooLarge(request);
    return partial.bytes;
  }
}

/** A body as far as it was read. */
class PartialBody {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #limit: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #isComplete = false;

  constructor(source: AsyncIterator<Uint8Array>, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The bytes read, up to the limit. */
  get bytes(): Uint8Array {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    return all.subarray(0, this.#limit);
  }

  /** Reads until more than `size` bytes are there, or all. */
  async fill(size: number): Promise<void> {
    while (!this.#isComplete && this.#size <= size) {
      const { value, done } = await this.#source.next();
      if (done === true) this.#isComplete = true;
      else {
        this.#size += value.byteLength;
        this.#chunks.push(value);
      }
    }
  }

  async cancel(): Promise<void> {
    await this.#source.return?.();
  }
}

function tooLarge(request: HttpRequest): NetworkError {
  return new NetworkError(
    'TOO_LARGE',
    `${redacted(request.url)} answered with more than ${request.maxBodyBytes} bytes`,
    { hint: 'Check the reference: this is not a manifest or config of a container image.' },
  );
}
