/** Writing an answer to the wire. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer, HeaderValues } from './wire.ts';

/** Sends one answer; resolves when the connection has taken it or is gone. */
export async function sendAnswer(response: ServerResponse, answer: Answer): Promise<void> {
  const { body } = answer;
  if (isStream(body) && response.req.method !== 'HEAD') {
    response.writeHead(answer.status, mutableHeaders(answer.headers));
    await pipeline(Readable.from(body), response).catch(() => response.destroy());
    return;
  }
  const bytes = bodyBytes(answer);
  response.writeHead(answer.status, withLength(answer, bytes.length));
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** The body of an answer that is not a stream. */
export function bodyBytes(answer: Answer): Buffer {
  const { body } = answer;
  return body === undefined || isStream(body) ? Buffer.alloc(0) : Buffer.from(body);
}

/** The same answer with another body, whose length it states. */
export function withBody(answer: Answer, body: Uint8Array | string): Answer {
  const { 'content-length': _, ...headers } = answer.headers;
  return { ...answer, headers, body };
}

/** Headers in the form node:http takes. */
export function mutableHeaders(headers: HeaderValues): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function isStream(body: Answer['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && !(body instanceof Uint8Array);
}

function withLength(answer: Answer, length: number): Record<string, string | string[]> {
  const headers = mutableHeaders(answer.headers);
  if (answer.status !== 204 && answer.status !== 304) headers['content-length'] ??= String(length);
  return headers;
}
