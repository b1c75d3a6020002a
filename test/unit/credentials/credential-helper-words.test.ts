import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactHelperWords } from '../../../src/credentials/credential-helper.ts';

const rows: readonly (readonly [name: string, printed: string, out: string])[] = [
  ['plain words', 'the vault is sealed\n', 'the vault is sealed'],
  ['several lines', ' one\r\n\ttwo\u001b[31m ', 'one two [31m'],
  ['a value', 'token=abc failed', 'token=*** failed'],
  ['a value in quotes', '{"Secret": "abc","x":"y"}', '{"Secret": "***","x":"y"}'],
  ['a longer name', 'ACCESS_TOKEN_FILE=abc', 'ACCESS_TOKEN_FILE=***'],
  ['a header', 'Authorization: Bearer abc', 'Authorization: *** ***'],
  ['a scheme', 'sent basic dXNlcjpw', 'sent basic ***'],
  ['a URL', 'POST https://user:abc@vault.test/v1: 500', 'POST https://***@vault.test/v1: 500'],
  ['a long word with digits', 'got eyJhbGciOiJub25lIn0x', 'got ***'],
  [
    'a host and a path',
    'r.example.com /usr/lib/long/path/config1.json',
    'r.example.com /usr/lib/long/path/config1.json',
  ],
  ['a long text', 'a '.repeat(300), `${'a '.repeat(200)}…`],
];

for (const [name, printed, out] of rows) {
  test(`helper's words: ${name}`, () => assert.equal(redactHelperWords(printed), out));
}

test("helper's words: a part of its answer", () => {
  const answer = '{"Username":"u","Secret":"correct horse-battery-staple"}';
  assert.equal(redactHelperWords('debug: horse-battery-staple, u', answer), 'debug: ***, u');
});
