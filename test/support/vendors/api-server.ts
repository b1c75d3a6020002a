/** A vendor's own API, scripted: answers by method and path, and what was asked of it. */
import { serverTls } from '../tls/tls.ts';
import { type Answer, readBody, requestHeader, type WireRequest } from '../wire/wire.ts';
import { WireServer } from '../wire/wire-server.ts';

/** A request as the API got it. */
export interface ApiCall {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export type Script = (call: ApiCall) => Answer;

export interface ApiServer {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly calls: readonly ApiCall[];
  close(): Promise<void>;
}

/** Starts an API with a certificate for these names. */
export async function startApiServer(names: readonly string[], script: Script): Promise<ApiServer> {
  const calls: ApiCall[] = [];
  const answer = async (request: WireRequest): Promise<Answer> => {
    const call = await callOf(request);
    calls.push(call);
    return script(call);
  };
  const server = await WireServer.start(
    { answer, unauthorized: () => json(401, {}) },
    { tls: serverTls(names) },
  );
  return { host: server.host, calls, close: () => server.close() };
}

/** A request of a test server as the script of an API sees it. */
export async function callOf(request: WireRequest): Promise<ApiCall> {
  const body = await readBody(request, 64 * 1024);
  return {
    method: request.method,
    path: `${request.url.pathname}${request.url.search}`,
    authorization: requestHeader(request, 'authorization'),
    body: body.toString(),
  };
}

/** An answer of JSON. */
export function json(status: number, document: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(document) };
}
