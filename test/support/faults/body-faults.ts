/** Faults of an answer's body. */
import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { holdRequest, serverPause } from '../wire/test-clock.ts';
import type { Answer, Fault, FaultContext, Sabotage } from '../wire/wire.ts';
import { bodyBytes, mutableHeaders, withBody } from '../wire/wire-answer.ts';
import { closeConnection } from './connection-faults.ts';
import type { BodyFault } from './fault-spec.ts';

const portalPage =
  '<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body><form>…</form></body></html>';

const endlessChunk = Buffer.alloc(64 * 1024, ' ');

export function createBodyFault(spec: BodyFault): Fault {
  switch (spec.fault) {
    case 'truncated-body':
      return halfBody('truncated', closeConnection);
    case 'stalled-body':
      return halfBody('stalled', () => {});
    case 'slow-body':
      return slowBody(spec.pieces ?? 20, spec.milliseconds ?? 25);
    case 'endless-body':
      return async (context) => endless(await held(await context.proceed()));
    case 'endless-error-body':
      return async () =>
        endless({ status: spec.status ?? 500, headers: { 'content-type': 'application/json' } });
    case 'captive-portal':
      return async ({ request }) => {
        for await (const _ of request.body);
        return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: portalPage };
      };
    case 'other-bytes':
      return otherBytes;
  }
}

/** The same answer with a body that is no stream. */
async function held(answer: Answer): Promise<Answer> {
  const { body } = answer;
  if (typeof body !== 'object' || body instanceof Uint8Array) return answer;
  return { ...answer, body: await buffer(body) };
}

/** Half of the body under the length of the whole; an answer without a body is not given at all. */
function halfBody(outcome: string, then: Sabotage['act']): Fault {
  return async (context) => {
    const answer = await held(await context.proceed());
    const bytes = bodyBytes(answer);
    if (bytes.length < 2 || context.request.method === 'HEAD') return { outcome, act: then };
    return { outcome, act: (response) => writeHalf(response, answer, then) };
  };
}

async function writeHalf(response: ServerResponse, answer: Answer, then: Sabotage['act']): Promise<void> {
  const bytes = bodyBytes(answer);
  response.writeHead(answer.status, {
    ...mutableHeaders(answer.headers),
    'content-length': String(bytes.length),
  });
  await new Promise((resolve) => response.write(bytes.subarray(0, bytes.length / 2), resolve));
  await then(response);
}

function slowBody(pieces: number, milliseconds: number): Fault {
  return async (context) => {
    const answer = await held(await context.proceed());
    const bytes = bodyBytes(answer);
    if (bytes.length === 0 || context.request.method === 'HEAD') return answer;
    const headers = { ...answer.headers, 'content-length': String(bytes.length) };
    return { ...answer, headers, body: dripping(bytes, pieces, milliseconds) };
  };
}

async function* dripping(bytes: Buffer, pieces: number, milliseconds: number): AsyncIterable<Uint8Array> {
  const size = Math.ceil(bytes.length / pieces);
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
    await holdRequest(serverPause(milliseconds));
  }
}

function endless(answer: Answer): Answer {
  const { 'content-length': _, ...headers } = answer.headers;
  return { ...answer, headers, body: spaces(bodyBytes(answer)) };
}

/** The whole body, then white space without end, which JSON allows. */
async function* spaces(first: Buffer): AsyncIterable<Uint8Array> {
  yield first;
  for (;;) yield endlessChunk;
}

async function otherBytes({ proceed }: FaultContext): Promise<Answer> {
  const answer = await held(await proceed());
  const bytes = bodyBytes(answer);
  return bytes.length === 0 ? answer : withBody(answer, Buffer.concat([bytes, Buffer.from('\n')]));
}
