/** A request as a test server receives it, its answer, and what a fault may do in between. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

export interface WireRequest {
  readonly method: string;
  /** The URL as requested, on the server's own origin. */
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Uint8Array>;
  /** `previous`: tags are answered as they were before their last write. */
  readonly view: 'current' | 'previous';
}

export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

export interface Answer {
  readonly status: number;
  /** Lower-case names; Content-Length is added when the body is not a stream. */
  readonly headers: HeaderValues;
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
}

/** An answer that is not an answer: what to do to the connection instead. */
export interface Sabotage {
  /** The word that stands in the transcript where a status would. */
  readonly outcome: string;
  act(response: ServerResponse): void | Promise<void>;
}

export interface FaultContext {
  readonly request: WireRequest;
  /** The server's own origin, `http://127.0.0.1:41234`. */
  readonly origin: string;
  /** Does what the server would have done, and returns its answer. */
  proceed(change?: Partial<WireRequest>): Promise<Answer>;
  /** The 401 for this reason; `invalid_token` also revokes the authority that this request presented. */
  unauthorized(reason: UnauthorizedReason, scope?: string): Answer;
  /** Closes every connection and refuses new ones for so many milliseconds. */
  restart(milliseconds: number): Promise<void>;
}

/** RFC 6750 §3.1. */
export type UnauthorizedReason = 'invalid_token' | 'insufficient_scope';

export type Fault = (context: FaultContext) => Promise<Answer | Sabotage>;

/** Which requests a fault meets; an absent field matches all. */
export interface FaultMatch {
  readonly method?: string;
  /** Tested against the path with its query. */
  readonly path?: RegExp;
  /** 1-based among the matching requests; default 1. */
  readonly nth?: number;
  /** How many matching requests in a row, from the nth on; default 1. */
  readonly times?: number;
}

/** The first value of a request header, or undefined. */
export function requestHeader(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Thrown when a request body has more bytes than its reader accepts. */
export class BodyTooLargeError extends Error {}

/** The whole body of a request; throws BodyTooLargeError beyond `limit` bytes. */
export async function readBody(request: WireRequest, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLargeError(`request body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
