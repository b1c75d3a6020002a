import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkError, proxyRefusal } from '../../../src/http/network-error.ts';
import { request } from '../../support/rigs/wire-rig.ts';

const asked = request('https://user:secret@registry.example:5000/v2/?token=secret');
const withCode = (code: string): Error => Object.assign(new Error('secret words'), { code });
const named = (name: string): Error => Object.assign(new Error('secret words'), { name });

const table: readonly { in: unknown; out: string }[] = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_SOCKET'].map((code) => ({
    in: withCode(code),
    out: 'CONNECTION',
  })),
  { in: withCode('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), out: 'CONNECTION' },
  { in: withCode('SOMETHING_NEW'), out: 'CONNECTION' },
  { in: 'no error at all', out: 'CONNECTION' },
  ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'].map(
    (code) => ({ in: withCode(code), out: 'TIMEOUT' }),
  ),
  { in: named('TimeoutError'), out: 'TIMEOUT' },
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'].map((code) => ({ in: withCode(code), out: 'DNS' })),
  ...[
    'EPROTO',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'HOSTNAME_MISMATCH',
  ].map((code) => ({ in: withCode(code), out: 'TLS' })),
  ...['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'].map((code) => ({
    in: withCode(code),
    out: 'NO_TLS',
  })),
  ...['HPE_INVALID_CONSTANT', 'HPE_INVALID_HEADER_TOKEN', 'UND_ERR_HEADERS_OVERFLOW'].map((code) => ({
    in: withCode(code),
    out: 'PROTOCOL',
  })),
  { in: named('HTTPParserError'), out: 'PROTOCOL' },
];

for (const { in: thrown, out } of table) {
  const { code = '', name = '' } = thrown instanceof Error ? (thrown as Error & { code?: string }) : {};
  test(`${code || name || 'a string'} is ${out}`, () => {
    const error = networkError(asked, thrown);
    assert.equal(error.name, 'NetworkError');
    assert.equal(error.code, out);
    assert.match(error.message, /registry\.example:5000/);
    assert.doesNotMatch(`${error.message} ${error.hint}`, /secret/);
    assert.notEqual(error.hint, undefined);
  });
}

test('TLS failures say that plain HTTP is used for listed hosts only', () => {
  assert.match(
    networkError(asked, withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE')).hint ?? '',
    /Plain HTTP is used only for hosts in insecure-registries/,
  );
});

for (const [status, code] of [
  [407, 'PROXY'],
  [403, 'PROXY'],
  [502, 'CONNECTION'],
] as const) {
  test(`the error for a proxy’s ${status} names the host behind it and the variables, not their values`, () => {
    const error = proxyRefusal(asked.url, status);
    assert.equal(error.code, code);
    assert.match(error.message, new RegExp(`registry\\.example:5000 .*${status}`));
    assert.match(error.hint ?? '', /HTTPS_PROXY/);
  });
}

test('behind a proxy, it may be the proxy that failed', () => {
  const error = networkError(asked, withCode('ECONNREFUSED'), 'proxy');
  assert.match(error.message, /registry\.example:5000, through a proxy,/);
  assert.match(error.hint ?? '', /HTTPS_PROXY/);
});

test('hints name the host alone, also behind a proxy', () => {
  for (const via of ['direct', 'proxy'] as const) {
    const hintOf = (code: string): string => networkError(asked, withCode(code), via).hint ?? '';
    assert.match(hintOf('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), /certs\.d\/registry\.example:5000\/ca\.crt/);
    assert.match(hintOf('ERR_SSL_WRONG_VERSION_NUMBER'), /`insecure-registries: registry\.example:5000`/);
  }
});

test('a NetworkError is not changed', () => {
  const error = proxyRefusal(asked.url, 407);
  assert.equal(networkError(asked, error), error);
});
