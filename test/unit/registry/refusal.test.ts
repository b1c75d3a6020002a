import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRepository } from '../../../src/oci/reference.ts';
import { errorCodes, isWebPage, type Operation, registryError } from '../../../src/registry/refusal.ts';
import { RegistryError } from '../../../src/run/errors.ts';
import { type AnswerParts, answer } from '../http/wire-rig.ts';

const repository = parseRepository('ghcr.io/acme/app');
const push: Operation = { method: 'PUT', repository, verb: 'push', name: 'latest' };
const pull: Operation = { ...push, method: 'GET', verb: 'pull' };
const said = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

interface Case {
  readonly name: string;
  readonly in: readonly [status: number, parts?: AnswerParts, operation?: Operation];
  readonly out: {
    readonly name: string;
    readonly code: string;
    readonly message: RegExp;
    readonly hint?: RegExp;
  };
}

const table: readonly Case[] = [
  {
    name: '403 on a push',
    in: [403, { body: said('DENIED', 'permission_denied: write_package') }],
    out: {
      name: 'AuthError',
      code: 'DENIED',
      message:
        /^ghcr\.io denied the push of ghcr\.io\/acme\/app:latest \(403, DENIED: permission_denied: write_package\) without a login$/,
      hint: /packages: write/,
    },
  },
  {
    name: '403 on a pull',
    in: [403, {}, pull],
    out: { name: 'AuthError', code: 'DENIED', message: /denied the pull of/, hint: /packages: read/ },
  },
  {
    name: '403 elsewhere',
    in: [403, {}, { ...push, repository: parseRepository('reg.example/app') }],
    out: {
      name: 'AuthError',
      code: 'DENIED',
      message: /^reg\.example denied/,
      hint: /Log in to reg\.example first/,
    },
  },
  { name: '401', in: [401], out: { name: 'AuthError', code: 'DENIED', message: /401/ } },
  {
    name: 'a secondary rate limit',
    in: [403, { body: 'You have exceeded a secondary rate limit' }],
    out: {
      name: 'RegistryError',
      code: 'RATE_LIMITED',
      message: /^ghcr\.io rate-limited the push/,
      hint: /later/,
    },
  },
  {
    name: '429',
    in: [429, { body: said('TOOMANYREQUESTS', 'too many') }, pull],
    out: { name: 'RegistryError', code: 'RATE_LIMITED', message: /TOOMANYREQUESTS: too many/ },
  },
  {
    name: '404',
    in: [404, { body: said('MANIFEST_UNKNOWN', 'manifest unknown') }, pull],
    out: {
      name: 'RegistryError',
      code: 'NOT_FOUND',
      message: /^ghcr\.io did not find ghcr\.io\/acme\/app:latest/,
      hint: /private repository/,
    },
  },
  {
    name: '413',
    in: [413, { body: '<html>nginx</html>' }],
    out: {
      name: 'RegistryError',
      code: 'TOO_LARGE',
      message: /too large \(413\)$/,
      hint: /size limit/,
    },
  },
  {
    name: '500 with HTML',
    in: [500, { body: '<html>oops</html>', headers: { 'content-type': 'text/html' } }],
    out: {
      name: 'RegistryError',
      code: 'UNAVAILABLE',
      message: /^ghcr\.io failed the push of .*:latest \(500\)$/,
    },
  },
  {
    name: '400',
    in: [400, { body: said('MANIFEST_INVALID', 'no') }],
    out: { name: 'RegistryError', code: 'REFUSED', message: /MANIFEST_INVALID: no/ },
  },
  {
    name: 'a web page with 200',
    in: [200, { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>Log in</html>' }],
    out: { name: 'NetworkError', code: 'NOT_A_REGISTRY', message: /web page/, hint: /login page/ },
  },
  {
    name: '204 where content was asked for',
    in: [204, {}, pull],
    out: { name: 'RegistryError', code: 'REFUSED', message: /204/ },
  },
];

for (const { name, in: input, out } of table) {
  test(`${name} is ${out.code}`, () => {
    const [status, parts, operation = push] = input;
    const error = registryError(answer(status, parts), operation);
    assert.equal(error.name, out.name);
    assert.equal(error.code, out.code);
    assert.match(error.message, out.message);
    if (out.hint !== undefined) assert.match(error.hint ?? '', out.hint);
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

const codes: readonly { name: string; in: string; out: readonly { code: string; message: string }[] }[] = [
  { name: 'no body', in: '', out: [] },
  { name: 'text that is not JSON', in: '<html>', out: [] },
  { name: 'null', in: 'null', out: [] },
  { name: 'errors that are not a list', in: '{"errors":"x"}', out: [] },
  { name: 'errors of other kinds', in: '{"errors":[1,null,"x",{"code":7},{"message":"m"}]}', out: [] },
  {
    name: 'a code without message',
    in: '{"errors":[{"code":"DENIED","message":3}]}',
    out: [{ code: 'DENIED', message: '' }],
  },
  {
    name: 'at most three',
    in: JSON.stringify({ errors: ['A', 'B', 'C', 'D'].map((code) => ({ code })) }),
    out: ['A', 'B', 'C'].map((code) => ({ code, message: '' })),
  },
  {
    name: 'line ends, ANSI and bidirectional marks are removed',
    in: JSON.stringify({ errors: [{ code: 'X\n::error::y', message: '\u001b[31mred\u202e\r\n##[error]z' }] }),
    out: [{ code: 'X ::error::y', message: '[31mred ##[error]z' }],
  },
  {
    name: 'long texts are cut',
    in: JSON.stringify({ errors: [{ code: 'C'.repeat(100), message: 'm'.repeat(1000) }] }),
    out: [{ code: 'C'.repeat(60), message: 'm'.repeat(160) }],
  },
];

for (const { name, in: body, out } of codes) {
  test(`error codes: ${name}`, () => assert.deepEqual(errorCodes(answer(400, { body })), out));
}

const pages: readonly { name: string; in: readonly [number, string | undefined]; out: boolean }[] = [
  { name: 'HTML with 200', in: [200, 'text/html'], out: true },
  { name: 'HTML with parameters, in capitals', in: [200, ' Text/HTML;charset=x'], out: true },
  { name: 'HTML with 203', in: [203, 'text/html'], out: true },
  { name: 'HTML with 404', in: [404, 'text/html'], out: false },
  { name: 'Quay’s 201', in: [201, 'text/html; charset=utf-8'], out: false },
  { name: 'Quay’s 202', in: [202, 'text/html; charset=utf-8'], out: false },
  { name: 'JSON', in: [200, 'application/json'], out: false },
  { name: 'a type that begins alike', in: [200, 'text/html5'], out: false },
  { name: 'no type', in: [200, undefined], out: false },
];

for (const { name, in: input, out } of pages) {
  test(`${name} is ${out ? '' : 'not '}a web page`, () => {
    const [status, type] = input;
    assert.equal(
      isWebPage(answer(status, { headers: type === undefined ? {} : { 'content-type': type } })),
      out,
    );
  });
}

const login = { source: 'registry-auth input', authorization: `Basic ${btoa('user:the-password')}` };

test('a refusal names the login that was sent, and what may help', () => {
  const error = registryError({ ...answer(403), login }, push);
  assert.match(error.message, /:latest \(403\) with the login from registry-auth input$/);
  const elsewhere = registryError(
    { ...answer(403), login },
    { ...push, repository: parseRepository('reg.example/app') },
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
