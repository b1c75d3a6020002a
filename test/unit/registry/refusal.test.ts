import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReference } from '../../../src/oci/reference.ts';
import { errorCodes, isWebPage, type Operation, registryError } from '../../../src/registry/refusal.ts';
import { RegistryError } from '../../../src/run/errors.ts';
import { type AnswerParts, answer } from '../../support/rigs/wire-rig.ts';

const repository = parseReference('ghcr.io/acme/app').repository;
const push: Operation = { method: 'PUT', repository, verb: 'push', name: 'latest' };
const pull: Operation = { ...push, method: 'GET', verb: 'pull' };
const said = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

type Row = readonly [
  name: string,
  input: readonly [status: number, parts?: AnswerParts, operation?: Operation],
  out: readonly [name: string, code: string, message: RegExp, hint?: RegExp],
];

const table: readonly Row[] = [
  [
    '403 on a push',
    [403, { body: said('DENIED', 'permission_denied: write_package') }],
    [
      'AuthError',
      'DENIED',
      /^ghcr\.io denied the push of ghcr\.io\/acme\/app:latest \(403, DENIED: permission_denied: write_package\) without a login$/,
      /packages: write/,
    ],
  ],
  ['403 on a pull', [403, {}, pull], ['AuthError', 'DENIED', /denied the pull of/, /packages: read/]],
  [
    '403 on the pull of a target',
    [403, {}, { ...pull, isWritten: true }],
    ['AuthError', 'DENIED', /denied the pull of/, /packages: write/],
  ],
  [
    '403 elsewhere',
    [403, {}, { ...push, repository: parseReference('reg.example/app').repository }],
    ['AuthError', 'DENIED', /^reg\.example denied/, /Log in to reg\.example first/],
  ],
  ['401', [401], ['AuthError', 'DENIED', /401/]],
  [
    'a secondary rate limit',
    [403, { body: 'You have exceeded a secondary rate limit' }],
    ['RegistryError', 'RATE_LIMITED', /^ghcr\.io rate-limited the push/, /later/],
  ],
  [
    '429',
    [429, { body: said('TOOMANYREQUESTS', 'too many') }, pull],
    ['RegistryError', 'RATE_LIMITED', /TOOMANYREQUESTS: too many/],
  ],
  [
    '404',
    [404, { body: said('MANIFEST_UNKNOWN', 'manifest unknown') }, pull],
    ['RegistryError', 'NOT_FOUND', /^ghcr\.io did not find ghcr\.io\/acme\/app:latest/, /private repository/],
  ],
  [
    '413',
    [413, { body: '<html>nginx</html>' }],
    ['RegistryError', 'TOO_LARGE', /too large \(413\)$/, /size limit/],
  ],
  [
    '500 with HTML',
    [500, { body: '<html>oops</html>', headers: { 'content-type': 'text/html' } }],
    ['RegistryError', 'UNAVAILABLE', /^ghcr\.io failed the push of .*:latest \(500\)$/],
  ],
  [
    '400',
    [400, { body: said('MANIFEST_INVALID', 'no') }],
    ['RegistryError', 'REFUSED', /MANIFEST_INVALID: no/],
  ],
  [
    'a web page with 200',
    [200, { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>Log in</html>' }],
    ['NetworkError', 'NOT_A_REGISTRY', /web page/, /login page/],
  ],
  ['204 where content was asked for', [204, {}, pull], ['RegistryError', 'REFUSED', /204/]],
];

for (const [name, [status, parts, operation = push], [type, code, message, hint = /./]] of table) {
  test(`${name} is ${code}`, () => {
    const error = registryError(answer(status, parts), operation);
    assert.deepEqual([error.name, error.code], [type, code]);
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
  });
}

test('a RegistryError keeps method, status, codes and the URL without its query', () => {
  const error = registryError(
    answer(400, { body: said('X', 'y'), url: 'https://u:p@ghcr.io/v2/a?token=t' }),
    push,
  );
  assert(error instanceof RegistryError);
  assert.deepEqual(error.failure, { method: 'PUT', url: 'https://ghcr.io/v2/a', status: 400, codes: ['X'] });
});

const codes: readonly (readonly [
  name: string,
  body: string,
  out: readonly { code: string; message: string }[],
])[] = [
  ['no body', '', []],
  ['text that is not JSON', '<html>', []],
  ['null', 'null', []],
  ['errors that are not a list', '{"errors":"x"}', []],
  ['errors of other kinds', '{"errors":[1,null,"x",{"code":7},{"message":"m"}]}', []],
  ['a code without message', '{"errors":[{"code":"DENIED","message":3}]}', [{ code: 'DENIED', message: '' }]],
  [
    'at most three',
    JSON.stringify({ errors: ['A', 'B', 'C', 'D'].map((code) => ({ code })) }),
    ['A', 'B', 'C'].map((code) => ({ code, message: '' })),
  ],
  [
    'line ends, ANSI and bidirectional marks are removed',
    JSON.stringify({ errors: [{ code: 'X\n::error::y', message: '\u001b[31mred\u202e\r\n##[error]z' }] }),
    [{ code: 'X ::error::y', message: '[31mred ##[error]z' }],
  ],
  [
    'long texts are cut',
    JSON.stringify({ errors: [{ code: 'C'.repeat(100), message: 'm'.repeat(1000) }] }),
    [{ code: 'C'.repeat(60), message: 'm'.repeat(160) }],
  ],
];

for (const [name, body, out] of codes) {
  test(`error codes: ${name}`, () => assert.deepEqual(errorCodes(answer(400, { body })), out));
}

const pages: readonly (readonly [name: string, status: number, type: string | undefined, out: boolean])[] = [
  ['HTML with 200', 200, 'text/html', true],
  ['HTML with parameters, in capitals', 200, ' Text/HTML;charset=x', true],
  ['HTML with 203', 203, 'text/html', true],
  ['HTML with 404', 404, 'text/html', false],
  ['Quay’s 201', 201, 'text/html; charset=utf-8', false],
  ['Quay’s 202', 202, 'text/html; charset=utf-8', false],
  ['JSON', 200, 'application/json', false],
  ['a type that begins alike', 200, 'text/html5', false],
  ['no type', 200, undefined, false],
];

for (const [name, status, type, out] of pages) {
  test(`${name} is ${out ? '' : 'not '}a web page`, () => {
    assert.equal(
      isWebPage(answer(status, { headers: type === undefined ? {} : { 'content-type': type } })),
      out,
    );
  });
}

const login = { source: 'registry-auth input', authorization: `Basic ${btoa('user:the-password')}` };

test('a refusal names the login that was sent, and what may help', () => {
  const jobs = { ...login, owner: 'job', source: 'GITHUB_TOKEN' } as const;
  assert.match(registryError({ ...answer(403), login: jobs }, push).hint ?? '', /^Give the job .*write`/);
  assert.match(registryError({ ...answer(403), login }, push).hint ?? '', /^Check that the personal access/);
  const error = registryError({ ...answer(403), login }, push);
  assert.match(error.message, /:latest \(403\) with the login from registry-auth input$/);
  const elsewhere = registryError(
    { ...answer(403), login },
    { ...push, repository: parseReference('reg.example/app').repository },
  );
  assert.match(elsewhere.hint ?? '', /^Check that this login may push to the repository/);
});

for (const back of [login.authorization, 'user:the-password', 'the-password', btoa('user:the-password')]) {
  for (const filler of ['', 'x'.repeat(150)]) {
    test(`credentials that a registry repeats are removed: ${filler}${back}`, () => {
      const body = said(`${filler.slice(0, 50)}${back}`, filler + back);
      const error = registryError({ ...answer(403, { body }), login }, push);
      assert.doesNotMatch(error.message, /the-p|dXNlc/);
    });
  }
}

test('a token that a registry repeats is removed', () => {
  const bearer = { source: 'GITHUB_TOKEN', authorization: 'Bearer eyJ0b2tlbg' };
  const error = registryError(
    { ...answer(401, { body: said('DENIED', 'no: eyJ0b2tlbg') }), login: bearer },
    push,
  );
  assert.match(error.message, /DENIED: no: \*\*\*\) with/);
});
