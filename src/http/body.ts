import { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { NetworkError } from '../run/errors.ts';
import type { BufferCollector } from './buffer-collector.ts';
import { type HttpHeaders, type HttpRequest, header, maxShortBody, redacted } from './message.ts';

/** Larger bodies are read a few at a time: 100 responses of 4 MiB at once would exceed the memory budget. */
export const maxUsualBody = 64 * 1024;
const maxLargeAtOnce = 2;
const connectionBuffers = 64 * 1024;

/** Reads whole bodies, none larger than its request allows, and few large ones at the same time. */
export class BodyReader {
  readonly #buffers: BufferCollector;
  readonly #large = pLimit(maxLargeAtOnce);

  constructor(buffers: BufferCollector) {
    this.#buffers = buffers;
  }

  /** The body of an answer; throws NetworkError TOO_LARGE when content is too large, and cuts any other answer. */
  async read(request: HttpRequest, status: number, body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
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
    // Its pieces are joined below, and parsed to larger objects that are soon dropped.
    else if (size > maxUsualBody) this.#buffers.discarded(size);
    if (size > limit && isContent) throw tooLarge(request);
    const [first = new Uint8Array()] = chunks;
    return (chunks.length === 1 ? first : Buffer.concat(chunks)).subarray(0, limit);
  }
}

function tooLarge(request: HttpRequest): NetworkError {
  const message = `${redacted(request.url)} answered with more than ${request.maxBodyBytes} bytes`;
  return new NetworkError('TOO_LARGE', message, {
    hint: 'Check the reference: this is not a manifest or config of a container image.',
  });
}

/**
 * The bytes of a body without its Content-Encoding (RFC 9110, 8.4): some proxies compress answers unasked, and Apache
 * calls files that are compressed `x-gzip` (https://github.com/moby/moby/pull/25122). They are decoded as they are
 * read, so the reader's limit is one of decoded bytes.
 * Throws NetworkError PROTOCOL for damaged data, and for any other encoding than gzip.
 */
export function decoded(
  body: AsyncIterable<Uint8Array>,
  url: URL,
  headers: HttpHeaders,
): AsyncIterable<Uint8Array> {
  const encoding = header(headers, 'content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return body;
  return inflated(body, url, encoding);
}

async function* inflated(body: AsyncIterable<Uint8Array>, url: URL, encoding: string) {
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    // Leaving the loop closes the body.
    for await (const _ of body) break;
    throw unknownEncoding(url, encoding);
  }
  // Hardly any run meets a compressed answer: it need not load zlib to start.
  const { createGunzip } = await import('node:zlib');
  const source = Readable.from(body);
  const output = createGunzip();
  source.on('error', (error) => output.destroy(error));
  source.pipe(output);
  try {
    yield* output;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error;
    throw new NetworkError('PROTOCOL', `${redacted(url)} answered with damaged gzip data`, {
      hint: 'Check the proxies between this runner and the registry.',
      cause: error,
    });
  } finally {
    source.destroy();
  }
}

function unknownEncoding(url: URL, encoding: string): NetworkError {
  const name = encoding.replace(/[^a-z0-9, .-]/g, '').slice(0, 40);
  const message = `${redacted(url)} answered in the encoding ${name}, which was not requested`;
  return new NetworkError('PROTOCOL', message, {
    hint: 'Check the proxies between this runner and the registry: they may compress answers with gzip only.',
  });
}

/** Bytes that a stream must carry in each second, on average over a minute: 1 KiB. */
const minRate = 1024;

/** Measures whether the network carries a stream at the minimum rate; only time spent waiting for it counts. */
export class RateCheck {
  readonly #request: Pick<HttpRequest, 'method' | 'url'>;
  readonly #span: number;
  #waited = 0;
  #carried = 0;

  /** `span`: milliseconds of waiting over which the rate is measured. */
  constructor(request: Pick<HttpRequest, 'method' | 'url'>, span: number) {
    this.#request = request;
    this.#span = span;
  }

  /** Records bytes and the milliseconds waited for them; throws NetworkError TIMEOUT for a stream that is too slow. */
  add(bytes: number, milliseconds: number): void {
    this.#waited += milliseconds;
    this.#carried += bytes;
    if (this.#waited < this.#span) return;
    if (this.#carried * 1000 < minRate * this.#waited) throw this.#tooSlow();
    this.#waited = 0;
    this.#carried = 0;
  }

  #tooSlow(): NetworkError {
    const { method, url } = this.#request;
    return new NetworkError('TIMEOUT', `${redacted(url)} carries less than 1 KiB in a second (${method})`, {
      hint: 'Check the network between this runner and the registry.',
    });
  }
}
