import { NetworkError } from '../run/errors.ts';

type Kind = 'CONNECTION' | 'TIMEOUT' | 'DNS' | 'TLS' | 'NO_TLS' | 'PROTOCOL';

const kinds: Readonly<Record<string, Kind>> = {
  UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'TIMEOUT',
  ETIMEDOUT: 'TIMEOUT',
  TimeoutError: 'TIMEOUT',
  ENOTFOUND: 'DNS',
  EAI_AGAIN: 'DNS',
  EAI_FAIL: 'DNS',
  EAI_NODATA: 'DNS',
  EPROTO: 'TLS',
  // OpenSSL's errors for a server that answers the TLS handshake in plain text.
  ERR_SSL_WRONG_VERSION_NUMBER: 'NO_TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'NO_TLS',
  ERR_SSL_HTTP_REQUEST: 'NO_TLS',
  UND_ERR_HEADERS_OVERFLOW: 'PROTOCOL',
  HTTPParserError: 'PROTOCOL',
};

const certificateCode =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/**
 * Turns an error of a socket, of TLS or of the HTTP parser into a NetworkError that names the host and what to check.
 * `via`: whether the request went directly to the host or through a proxy.
 */
export function networkError(
  { method, url }: { readonly method: string; readonly url: URL },
  error: unknown,
  via: 'direct' | 'proxy' = 'direct',
): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = codeOf(error);
  const kind = kindOf(code);
  const host = via === 'direct' ? url.host : `${url.host}, through a proxy,`;
  const remedy = (remedies[code] ?? hints[kind]).replaceAll('<host>', url.host);
  const hint = via === 'direct' ? remedy : `${remedy} ${proxyHint}`;
  return new NetworkError(kind, `${host} ${words[kind]} (${method}, ${code})`, { hint, cause: error });
}

const proxyHint =
  'Check HTTPS_PROXY and HTTP_PROXY, and the user and password in them, or list the host in NO_PROXY.';

/**
 * The error for a proxy that rejects a request, by its status: CONNECTION when the proxy cannot reach the host itself,
 * else PROXY. The proxy's own URL may hold a password and is not shown.
 */
export function proxyRefusal(url: URL, status: number): NetworkError {
  if (status >= 500) {
    return new NetworkError('CONNECTION', `The proxy could not reach ${url.host} (${status})`, {
      hint: `${hints.CONNECTION} ${proxyHint}`,
    });
  }
  // tinyproxy answers 401 to a wrong password: https://github.com/tinyproxy/tinyproxy/issues/532
  const isLogin = status === 407 || status === 401;
  const problem = isLogin ? 'requires a valid login to reach' : 'refuses to connect to';
  return new NetworkError('PROXY', `The proxy ${problem} ${url.host} (${status})`, { hint: proxyHint });
}

/** Whether no connection was established, so that nothing of a request was sent. */
export function failedToConnect(error: Error): boolean {
  if (error instanceof NetworkError) return true;
  if ('syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo')) return true;
  const code = codeOf(error);
  return code === 'UND_ERR_CONNECT_TIMEOUT' || ['TLS', 'NO_TLS'].includes(kindOf(code));
}

/** REFUSED_STREAM and ENHANCE_YOUR_CALM (RFC 9113, 7). */
const refusals: ReadonlySet<unknown> = new Set([0x7, 0xb]);

/** Whether a server refused an HTTP/2 stream because it has too many. */
export function isRefusedStream(error: unknown): boolean {
  const cause = error instanceof NetworkError ? error.cause : undefined;
  return cause instanceof Error && 'http2ErrorCode' in cause && refusals.has(cause.http2ErrorCode);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no code';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function kindOf(code: string): Kind {
  const known = kinds[code];
  if (known !== undefined) return known;
  if (certificateCode.test(code)) return 'TLS';
  if (code.startsWith('HPE_')) return 'PROTOCOL';
  return 'CONNECTION';
}

const words: Readonly<Record<Kind, string>> = {
  CONNECTION: 'closed or refused the connection',
  TIMEOUT: 'did not answer in time',
  DNS: 'could not be resolved',
  TLS: 'could not be verified: TLS failed',
  NO_TLS: 'does not speak TLS on that port',
  PROTOCOL: 'answered with something that is not HTTP',
};

const wantsCertificate =
  'Put a client certificate that the server accepts into certs.d/<host>/client.cert, and its key into client.key beside it.';

/** Hints for single codes; all others get the hint of their kind. */
const remedies: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "Renew the registry's certificate, and check this runner's clock.",
  CERT_NOT_YET_VALID: "Check this runner's clock: the registry's certificate is not valid yet.",
  ERR_TLS_CERT_ALTNAME_INVALID: 'Check the host in the reference: the certificate is for other names.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: wantsCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: wantsCertificate,
};

const hints: Readonly<Record<Kind, string>> = {
  CONNECTION: 'Check the host and port, and that the registry is up and reachable from this runner.',
  TIMEOUT: 'Check that the registry is up, and that no firewall between it and this runner drops packets.',
  DNS: 'Check the spelling of the host, and that this runner can resolve it.',
  TLS: 'If the registry has a private CA, put its certificate into NODE_EXTRA_CA_CERTS or certs.d/<host>/ca.crt. Plain HTTP is used only for hosts in insecure-registries.',
  NO_TLS: 'Set `insecure-registries: <host>` if the registry speaks plain HTTP only, or else check the port.',
  PROTOCOL: 'Check that the host and port belong to a registry.',
};
