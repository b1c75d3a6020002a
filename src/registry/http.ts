/** Requests and responses as the layers of the client hand them on. */

export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

/** Makes the bytes of a request body anew for each try. */
export type BodySource = () => AsyncIterable<Uint8Array>;

export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | BodySource | undefined;
  /** Bytes of answer body to accept; one byte more is a failure. Ignored for a streamed answer. */
  readonly limit: number;
  /** Background requests wait while others want a connection to the same host. */
  readonly priority?: 'background' | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** The URL that answered, after redirects. */
  readonly url: URL;
  readonly headers: HttpHeaders;
  /** The whole body, at most `limit` bytes. */
  readonly body: Uint8Array;
}

/** An answer whose body is still on its way. */
export interface StreamedResponse {
  readonly status: number;
  readonly url: URL;
  readonly headers: HttpHeaders;
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Response headers: names lower-case, every value that came. */
export type HttpHeaders = ReadonlyMap<string, readonly string[]>;

/** Sends one request and reads its whole answer; throws NetworkError when there is none. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** The first value of a header, or undefined when the response has none. */
export function header(headers: HttpHeaders, name: string): string | undefined {
  return headers.get(name)?.[0];
}
