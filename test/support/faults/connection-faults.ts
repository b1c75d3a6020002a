/** Faults of the connection: nothing that could be read as an answer comes. */
import type { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';
import type { Fault, Sabotage } from '../wire/wire.ts';
import type { ConnectionFault } from './fault-spec.ts';

const defaultOutage = 1000;

export function createConnectionFault(spec: ConnectionFault): Fault {
  switch (spec.fault) {
    case 'reset':
      return async () => reset;
    case 'fin':
      return beforeClosing('closed', closeConnection);
    case 'goaway':
      return beforeClosing('goaway', goAway);
    case 'refused-stream':
      return beforeClosing('refused stream', refuseStream);
    case 'reset-after-store':
      return afterStoring(reset);
    case 'fin-after-store':
      return afterStoring({ outcome: 'closed', act: closeConnection });
    case 'never-answer':
      return beforeClosing('no answer', hold);
    case 'never-answer-after-store':
      return afterStoring({ outcome: 'no answer', act: hold });
    case 'restart':
      return async ({ restart }) => ({
        outcome: 'restart',
        act: () => void restart(spec.milliseconds ?? defaultOutage),
      });
  }
}

/** Sends RST, so that the other side sees ECONNRESET rather than an end. */
export function resetConnection(response: ServerResponse): void {
  const stream = streamOf(response);
  if (stream !== undefined) return void stream.session?.destroy(new Error('reset by the test'));
  const { socket } = response;
  if (socket === null) return;
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Ends the connection in order. */
export function closeConnection(response: ServerResponse): void {
  const stream = streamOf(response);
  if (stream !== undefined) return void stream.session?.destroy();
  response.socket?.end();
  response.socket?.destroySoon();
}

const reset: Sabotage = { outcome: 'reset', act: resetConnection };

function beforeClosing(outcome: string, act: Sabotage['act']): Fault {
  return async ({ request }) => {
    for await (const _ of request.body);
    return { outcome, act };
  };
}

function afterStoring(sabotage: Sabotage): Fault {
  return async ({ proceed }) => {
    await proceed();
    return sabotage;
  };
}

function hold(): void {}

function goAway(response: ServerResponse): void {
  const stream = streamOf(response);
  const lastProcessed = Math.max(0, (stream?.id ?? 1) - 2);
  stream?.session?.goaway(constants.NGHTTP2_NO_ERROR, lastProcessed);
  refuseStream(response);
}

function refuseStream(response: ServerResponse): void {
  const stream = streamOf(response);
  if (stream === undefined) closeConnection(response);
  else stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

/** The HTTP/2 stream of an answer, or undefined over HTTP/1.1. */
function streamOf(response: ServerResponse): ServerHttp2Stream | undefined {
  return (response as unknown as Partial<Http2ServerResponse>).stream;
}
