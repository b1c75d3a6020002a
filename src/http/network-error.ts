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
  // What OpenSSL makes of a server that answers its greeting in plain text.
  ERR_SSL_WRONG_VERSION_NUMBER: 'NO_TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'NO_TLS',
  ERR_SSL_HTTP_REQUEST: 'NO_TLS',
  UND_ERR_HEADERS_OVERFLOW: 'PROTOCOL',
  HTTPParserError: 'PROTOCOL',
};

const certificateCode =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/**
 * Turns what a socket, TLS or the HTTP parser threw into a NetworkError that names the host and what to check.
 * `way`: whether the host was asked directly or through a proxy.
 */
export function networkError(
  { method, url }: { readonly method: string; readonly url: URL },
  error: unknown,
  way: 'direct' | 'proxy' = 'direct',
): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = codeOf(error);
  const kind = kindOf(code);
  const host = way === 'direct' ? url.host : `${url.host}, asked through a proxy,`;
  const remedy = remedies[code] ?? hints[kind];
  const hint = way === 'direct' ? remedy : `${remedy} ${proxyHint}`;
  return new NetworkError(kind, `${host} ${words[kind]} (${method}, ${code})`, { hint, cause: error });
}

const proxyHint =
  'Check HTTPS_PROXY and HTTP_PROXY, and the user and password in them, or list the host in NO_PROXY.';

/**
 * The error of a proxy that does not let a request through, by its status; CONNECTION when it cannot get there
 * itself. The proxy's own URL may hold a password and is not shown.
 */
export function proxyRefusal(url: URL, status: number): NetworkError {
  if (status >= 500) {
    return new NetworkError('CONNECTION', `The proxy could not get to ${url.host} (${status})`, {
      hint: `${hints.CONNECTION} ${proxyHint}`,
    });
  }
  // tinyproxy says 401 to a wrong password.
  const refused =
    status === 407 || status === 401 ? 'asks for another login before it leads' : 'refuses to lead';
  return new NetworkError('PROXY', `The proxy ${refused} to ${url.host} (${status})`, { hint: proxyHint });
}

/** Whether no connection came to be, so that nothing of a request has left. */
export function failedToConnect(error: Error): boolean {
  if (error instanceof NetworkError) return true;
  if ('syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo')) return true;
  const code = codeOf(error);
  return code === 'UND_ERR_CONNECT_TIMEOUT' || ['TLS', 'NO_TLS'].includes(kindOf(code));
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
  CONNECTION: 'broke the connection or refused it',
  TIMEOUT: 'did not answer in time',
  DNS: 'is not known to the name server',
  TLS: 'could not be trusted: TLS failed',
  NO_TLS: 'does not speak TLS on that port',
  PROTOCOL: 'answered with something that is not HTTP',
};

const wantsCertificate =
  'The server wants to see a client certificate that it knows: put it into certs.d/<host>/client.cert and its key into client.key beside it.';

/** What helps against a failure of its own, by its code. */
const remedies: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "Have the registry's certificate renewed, and check this runner's clock.",
  CERT_NOT_YET_VALID: "Check this runner's clock: the registry's certificate is not valid yet.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate is for other names. Check the host in the reference, or have a certificate made for it.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: wantsCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: wantsCertificate,
};

const hints: Readonly<Record<Kind, string>> = {
  CONNECTION:
    'Check that the host and port are right and that the registry is up and reachable from this runner.',
  TIMEOUT: 'Check that the registry is up and that no firewall between it and this runner drops the packets.',
  DNS: 'Check the spelling of the host, and that this runner may resolve it.',
  TLS: 'If the registry has a private CA, put its certificate into NODE_EXTRA_CA_CERTS or certs.d/<host>/ca.crt. Plain HTTP is never tried instead, unless the host is in insecure-registries.',
  NO_TLS:
    'Check the port. A registry that speaks plain HTTP only must be listed in insecure-registries to be used.',
  PROTOCOL: 'Check that the host and port are those of a registry.',
};
