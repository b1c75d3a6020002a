import type { RegistryFailure } from '../run/errors.ts';

/** Requests and responses as the layers of the client pass them on. */

export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

/** Opens the bytes of a request body, again for each attempt. */
export type BodySource = () => AsyncIterable<Uint8Array>;

/** Bytes of an answer that is not content, such as an error, a token or a status: 64 KiB. */
export const maxShortBody: number = 64 * 1024;

export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Further headers, such as Authorization, that are sent to this URL's origin only. */
  readonly originHeaders?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | BodySource | undefined;
  /** Bytes of body to accept. A longer answer fails a successful GET; any other answer is cut there, or at 64 KiB. */
  readonly maxBodyBytes: number;
  /** `stream`: the body of a 2xx answer comes as `stream`, without a limit. */
  readonly answer?: 'stream' | undefined;
  /** Host of the registry that led to this URL: docker trusts the CAs of its certs.d at this URL too. */
  readonly registryHost?: string | undefined;
  /** Background requests wait while other requests want a connection to the same host. */
  readonly priority?: 'background' | undefined;
}

interface SentCredentials {
  /** Where they came from, as a Credential's source. */
  readonly source: string;
  /** Whose they are; an account's by default. */
  readonly owner?: 'job' | 'account' | 'nobody' | undefined;
  readonly authorization: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly url: URL;
  readonly headers: HttpHeaders;
  /** The whole body, at most `maxBodyBytes`; empty when the answer is streamed. */
  readonly body: Uint8Array;
  /** The body of a 2xx answer to a request that asked for a stream; its reader must end or return it. */
  readonly stream?: AsyncIterable<Uint8Array>;
  /** `elsewhere`: a redirect led to another origin, and messages must not quote the answer. */
  readonly answeredBy?: 'elsewhere' | undefined;
  /** On a refusal: the credentials that were sent, if any. */
  readonly login?: SentCredentials | undefined;
}

/** Response headers: names lower-case, every value. */
export type HttpHeaders = ReadonlyMap<string, readonly string[]>;

/** Sends a request and reads its answer; throws NetworkError when there is none. Every layer of the client is one. */
export type Send<Request = HttpRequest> = (request: Request) => Promise<HttpResponse>;

/** The first value of a header, or undefined when the response has none. */
export function header(headers: HttpHeaders, name: string): string | undefined {
  return headers.get(name)?.[0];
}

/** A URL as messages may show it: without query, user information and fragment. */
export function redacted(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** The fields of the JSON object in a body; none when it is anything else. */
export function fieldsIn(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The facts that an error keeps of a failed request. */
export function failureOf(
  method: string,
  { url, status }: HttpResponse,
  more: Pick<Partial<RegistryFailure>, 'codes' | 'wait'> = {},
): RegistryFailure {
  return { method, url: redacted(url), status, codes: [], ...more };
}

/** The secret parts of an Authorization value, in every form that a server may repeat it; the longest first. */
export function secretsIn(authorization: string): readonly string[] {
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme !== 'Basic') return [value];
  const text = Buffer.from(value, 'base64').toString('utf8');
  const password = text.slice(text.indexOf(':') + 1);
  return [value, text, password].toSorted((a, b) => b.length - a.length);
}

/** A user name and password in the form of RFC 7617, without the scheme's name. */
export function basicPair(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}
