/** The test's own requests to any registry, over plain node:http(s). */
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { manifestTypes } from '../images/manifest-document.ts';
import { setupHeader } from '../wire/wire-server.ts';
import type { RegistryAddress } from './registry-handle.ts';

export interface OwnRequest {
  readonly method: string;
  /** A path on the registry, or a whole URL. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** `true`: recorded in the transcript and disturbed by faults like anybody's request. */
  readonly onRecord?: boolean;
}

export interface OwnResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends one request on a connection of its own; rejects when there is no whole answer. */
export async function requestRegistry(address: RegistryAddress, own: OwnRequest): Promise<OwnResponse> {
  const url = new URL(own.path, address.url);
  const options: RequestOptions & { ca?: string } = {
    method: own.method,
    agent: false,
    headers: requestHeaders(address, own),
    ...(address.ca !== undefined && { ca: address.ca }),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, options, (response) => {
      const { statusCode = 0, headers } = response;
      buffer(response).then((body) => resolve({ status: statusCode, headers, body }), reject);
    });
    request.once('error', reject);
    if (own.body === undefined || own.body instanceof Uint8Array) request.end(own.body);
    else pipeline(Readable.from(own.body), request).catch(reject);
  });
}

/** The same, and an Error unless the status is one of these. */
export async function expectRegistry(
  address: RegistryAddress,
  own: OwnRequest,
  statuses: readonly number[],
): Promise<OwnResponse> {
  const response = await requestRegistry(address, own);
  if (statuses.includes(response.status)) return response;
  throw new Error(`${own.method} ${own.path} answered ${response.status}: ${response.body.toString()}`);
}

export interface ServedManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string | undefined;
}

/** The manifest that a registry serves for a tag or digest, or undefined when it answers 404. */
export async function readManifest(
  address: RegistryAddress,
  repository: string,
  reference: string,
): Promise<ServedManifest | undefined> {
  const path = `/v2/${repository}/manifests/${reference}`;
  const accept = Object.values(manifestTypes).join(', ');
  const response = await expectRegistry(address, { method: 'GET', path, headers: { accept } }, [200, 404]);
  if (response.status === 404) return undefined;
  const { headers, body } = response;
  const digest = headers['docker-content-digest'];
  return { mediaType: headers['content-type'] ?? '', bytes: body, digest: digest?.toString() };
}

function requestHeaders(address: RegistryAddress, own: OwnRequest): Record<string, string> {
  return {
    ...(own.onRecord !== true && { [setupHeader]: '1' }),
    ...(address.authorization !== undefined && { authorization: address.authorization }),
    ...(own.body instanceof Uint8Array && { 'content-length': String(own.body.length) }),
    ...own.headers,
  };
}
