import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactHelperWords } from '../../../src/credentials/helper-words.ts';

const rows: readonly { name: string; in: string; out: string }[] = [
  { name: 'plain words', in: 'the vault is sealed\n', out: 'the vault is sealed' },
  { name: 'several lines', in: ' one\r\n\ttwo\u001b[31m ', out: 'one two [31m' },
  { name: 'a value', in: 'token=abc failed', out: 'token=*** failed' },
  { name: 'a value in quotes', in: '{"Secret": "abc","x":"y"}', out: '{"Secret": "***","x":"y"}' },
  { name: 'a longer name', in: 'ACCESS_TOKEN_FILE=abc', out: 'ACCESS_TOKEN_FILE=***' },
  { name: 'a header', in: 'Authorization: Bearer abc', out: 'Authorization: *** ***' },
  { name: 'a scheme', in: 'sent basic dXNlcjpw', out: 'sent basic ***' },
  {
    name: 'a URL',
    in: 'POST https://user:abc@vault.test/v1: 500',
    out: 'POST https://***@vault.test/v1: 500',
  },
  { name: 'a long word with digits', in: 'got eyJhbGciOiJub25lIn0x', out: 'got ***' },
  {
    name: 'a host and a path',
    in: 'registry.example.com /usr/lib/long/path/to/config1.json',
    out: 'registry.example.com /usr/lib/long/path/to/config1.json',
  },
];

for (const row of rows) {
  test(`what a helper printed: ${row.name}`, () => {
    assert.equal(redactHelperWords(row.in), row.out);
  });
}

test('what a helper printed: its answer', () => {
  const answer = '{"Username":"u","Secret":"correct horse-battery-staple"}';
  assert.equal(redactHelperWords('debug: horse-battery-staple, u', answer), 'debug: ***, u');
});
