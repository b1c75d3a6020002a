import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestScanner } from '../../../bench/network/request-scanner.ts';

const table = [
  ['one request', 'GET /v2/ HTTP/1.1\r\nhost: a\r\n\r\n', ['GET /v2/']],
  [
    'requests one after the other',
    'HEAD /a HTTP/1.1\r\nhost: a\r\n\r\nGET /b?c=d HTTP/1.1\r\nhost: a\r\n\r\n',
    ['HEAD /a', 'GET /b?c=d'],
  ],
  [
    'a body that looks like a request',
    'PUT /a HTTP/1.1\r\nContent-Length: 18\r\n\r\nGET /no HTTP/1.1\r\nGET /b HTTP/1.1\r\n\r\n',
    ['PUT /a', 'GET /b'],
  ],
  [
    'a chunked body with a trailer',
    'POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '5;x=y\r\nGET /\r\n10\r\n0123456789abcdef\r\n0\r\nsum: 1\r\n\r\nGET /b HTTP/1.1\r\n\r\n',
    ['POST /a', 'GET /b'],
  ],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 GET / HTTP/1.1\r\n\r\n', []],
] as const;

for (const [name, sent, found] of table) {
  const bytes = Buffer.from(sent, 'latin1');

  test(`the scanner counts ${name}, whole and byte by byte`, () => {
    assert.deepEqual(scan([bytes]), found);
    assert.deepEqual(scan(Array.from(bytes, (byte) => Buffer.of(byte))), found);
  });
}

function scan(chunks: readonly Buffer[]): string[] {
  const found: string[] = [];
  const scanner = new RequestScanner(({ method, target }) => found.push(`${method} ${target}`));
  for (const chunk of chunks) scanner.push(chunk);
  return found;
}
