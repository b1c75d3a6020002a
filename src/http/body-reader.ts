import pLimit from 'p-limit';
import { NetworkError } from '../run/errors.ts';
import type { BufferCollector } from './buffer-collector.ts';
import { type HttpRequest, maxShortBody, redacted } from './message.ts';

/** Larger bodies are read a few at a time: 100 responses of 4 MiB at once would exceed the memory budget. */
export const maxUsualBody = 64 * 1024;
const maxLargeAtOnce = 2;
const connectionBuffers = 64 * 1024;

/** An answer whose body is to be read. */
interface Incoming {
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
    const chunks: Uint8Array[] = [];
    let size = 0;
    const source = body[Symbol.asyncIterator]();
    const readUntil = async (end: number): Promise<'complete' | 'partial'> => {
      while (size <= end) {
        const { value, done } = await source.next();
        if (done === true) return 'complete';
        size += value.byteLength;
        chunks.push(value);
      }
      return 'partial';
    };
    let state = await readUntil(Math.min(maxUsualBody, limit));
    if (state === 'partial' && size <= limit) state = await this.#large(() => readUntil(limit));
    if (state === 'partial') {
      await source.return?.();
      // About as much again was received and not read, and each connection had its buffers.
      this.#buffers.discarded(2 * (size + connectionBuffers));
    }
    if (size > limit && isContent) throw tooLarge(request);
    const [first = new Uint8Array()] = chunks;
    return (chunks.length === 1 ? first : Buffer.concat(chunks)).subarray(0, limit);
  }
}

function tooLarge(request: HttpRequest): NetworkError {
  return new NetworkError(
    'TOO_LARGE',
    `${redacted(request.url)} answered with more than ${request.maxBodyBytes} bytes`,
    { hint: 'Check the reference: this is not a manifest or config of a container image.' },
  );
}
