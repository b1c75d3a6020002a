/** Requests and responses as the layers of the client hand them on. */

export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

/** Makes the bytes of a request body anew for each try. */
export type BodySource = () => AsyncIterable<Uint8Array>;

export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Further headers, such as Authorization, that belong to this URL's origin alone and never leave it. */
  readonly originHeaders?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | BodySource | undefined;
  /** Bytes of answer body to accept: one more is a failure of a GET that succeeds, and cut from other answers, of which 64 KiB at most are kept. */
  readonly maxBodyBytes: number;
  /** `stream`: a 2xx answer's body comes as `stream` and is not limited. */
  readonly answer?: 'stream' | undefined;
  /** Host of the registry that led to this URL: whom its certs.d trusts, docker trusts behind it too. */
  readonly registryHost?: string | undefined;
  /** Background requests wait while others want a connection to the same host. */
  readonly priority?: 'background' | undefined;
}

/** What a request showed to be let in. */
export interface SentCredentials {
  /** Where it came from, as a Credential's source. */
  readonly source: string;
  /** The Authorization value. */
  readonly authorization: string;
}

export interface HttpResponse {
  readonly status: number;
  /** The URL that answered, after redirects. */
  readonly url: URL;
  readonly headers: HttpHeaders;
  /** The whole body, at most `limit` bytes; empty when the answer is streamed. */
  readonly body: Uint8Array;
  /** The body of a 2xx answer to a request that asked for a stream; its reader must end or return it. */
  readonly stream?: AsyncIterable<Uint8Array>;
  /** On a refusal: the login that was shown, if any. */
  readonly login?: SentCredentials | undefined;
}

/** Response headers: names lower-case, every value that came. */
export type HttpHeaders = ReadonlyMap<string, readonly string[]>;

/** Sends one request and reads its answer; throws NetworkError when there is none. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** The first value of a header, or undefined when the response has none. */
export function header(headers: HttpHeaders, name: string): string | undefined {
  return headers.get(name)?.[0];
}

/** A URL as messages may show it: no query, no userinfo, no fragment. */
export function redacted(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
