import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import type { ImageManifest } from '../../../src/oci/manifest.ts';
import {
  dockerConfig,
  dockerList,
  dockerManifest,
  ociConfig,
  ociIndex,
  ociManifest,
} from '../../../src/oci/media-types.ts';
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

const image = (mediaType: string): Descriptor => ({ mediaType, digest: digestOf(Buffer.from('x')), size: 9 });
const listOf = (type: string, ...entries: readonly Descriptor[]): Operation => ({
  ...push,
  manifest: { mediaType: type, size: 734, content: { kind: 'index', manifests: entries } },
});
const [oci, docker] = [image(ociManifest), image(dockerManifest)];
const attested: Descriptor = {
  ...oci,
  annotations: {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': oci.digest,
  },
};
const single = (mediaType: string, config: string, more: Partial<ImageManifest> = {}): Operation => ({
  ...push,
  manifest: {
    mediaType,
    size: 500,
    content: { kind: 'image', config: { ...oci, mediaType: config }, layers: [], ...more },
  },
});
const inToto: Descriptor = { ...oci, annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/x' } };
const policy = 'current image without vulnerability scanning cannot be pulled due to configured policy';
const drop = /set `attestations: drop`, or build with `provenance: false`/;
const refused = (name: string, operation: Operation, hint: RegExp, said_ = 'no', status = 400): Row => [
  name,
  [status, { body: said('MANIFEST_INVALID', said_) }, operation],
  ['RegistryError', 'REFUSED', /MANIFEST_INVALID: /, hint],
];

const contents: readonly Row[] = [
  refused('an OCI index', listOf(ociIndex, oci), /^If the registry is old .*`format: docker`\.$/),
  refused(
    'a Docker list',
    listOf(dockerList, docker),
    /^If the registry takes no Docker lists, set `format: oci`\.$/,
  ),
  refused('a list of Docker and OCI images', listOf(ociIndex, oci, docker), /^The list mixes .*exporter\.$/),
  refused(
    'a list with attestations',
    listOf(ociIndex, oci, attested),
    /^If the registry takes no attestations, set/,
  ),
  refused(
    'a list refused for its attestations',
    listOf(ociIndex, oci, attested),
    /^The list has attestations: set/,
    'unknown/unknown not allowed',
    422,
  ),
  refused('an attestation', single(ociManifest, ociConfig, { layers: [inToto] }), drop),
  refused(
    'an empty config',
    single(ociManifest, 'application/vnd.oci.empty.v1+json'),
    /without a config.*copy-ref/,
  ),
  refused(
    'an OCI image',
    single(ociManifest, ociConfig),
    /no OCI images, build Docker.*oci-mediatypes=false/,
  ),
  refused(
    'a Docker image',
    single(dockerManifest, dockerConfig),
    /no Docker images, build OCI.*oci-mediatypes=true/,
  ),
  [
    'a list that is called too large',
    [400, { body: said('MANIFEST_INVALID', 'manifest too large') }, listOf(ociIndex, oci)],
    ['RegistryError', 'TOO_LARGE', /too large \(400/, /The manifest has 734 bytes/],
  ],
  [
    '404 on the push of a list',
    [404, {}, listOf(ociIndex, oci)],
    [
      'RegistryError',
      'NOT_FOUND',
      /answered the push of .* with "not found"/,
      /^Run the job again: some registries/,
    ],
  ],
  [
    '404 NAME_UNKNOWN on the push of a list',
    [404, { body: said('NAME_UNKNOWN', 'not known') }, listOf(ociIndex, oci)],
    ['RegistryError', 'NOT_FOUND', /NAME_UNKNOWN: not known/, /create the repository or project first/],
  ],
  [
    'a policy of Harbor on a pull',
    [412, { body: said('PROJECTPOLICYVIOLATION', policy) }, pull],
    ['RegistryError', 'REFUSED', /PROJECTPOLICYVIOLATION: current image/, /^A policy of the registry keeps/],
  ],
  [
    'a refusal in plain text',
    [400, { body: 'blob upload\nis off\u001b[31m::error::x' }],
    ['RegistryError', 'REFUSED', /\(400, blob upload is off \[31m::error::x\)$/],
  ],
  ['a long plain text', [400, { body: 'x '.repeat(150) }], ['RegistryError', 'REFUSED', /\(400\)$/]],
];

for (const [name, [status, parts, operation = push], [type, code, message, hint = /./]] of [
  ...table,
  ...contents,
]) {
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
    'a short detail is shown',
    '{"errors":[{"code":"M","message":"invalid","detail":"unsupported config media type"}]}',
    [{ code: 'M', message: 'invalid; unsupported config media type' }],
  ],
  [
    'a detail that the message has',
    '{"errors":[{"code":"M","message":"no config","detail":"config"}]}',
    [{ code: 'M', message: 'no config' }],
  ],
  [
    'a detail without a message',
    '{"errors":[{"code":"M","detail":"bad\\n::error::x"}]}',
    [{ code: 'M', message: 'bad ::error::x' }],
  ],
  ...(
    [
      ['distribution’s object', { Tag: 'v1' }, 'Tag: v1'],
      [
        'Harbor’s object',
        { name: 'app', reason: 'quota', code: 7, on: true },
        'name: app, reason: quota, code: 7, on: true',
      ],
      [
        'a list of objects',
        [{ Type: 'repository', Class: '', Name: 'a' }, { Name: 'b' }],
        'Type: repository, Name: a; Name: b',
      ],
      ['a list of texts', ['one', 'two'], 'one; two'],
      ['an object in an object', { a: 'x', b: { c: 'y' }, d: null, e: ['z'] }, 'a: x'],
      ['deep lists', [[[['x']]]], ''],
      ['an empty object', {}, ''],
      ['null', null, ''],
      ['a long text', 'd'.repeat(201), ''],
      ['a long object', { Tag: 'v'.repeat(200) }, ''],
      ['many objects', Array(9000).fill({ a: 1 }), ''],
      [
        'a hostile object',
        { '::error::k\n': '\u001b[31m\r\n::warning::v\u202e' },
        '::error::k :  [31m ::warning::v',
      ],
    ] as const
  ).map(
    ([name, detail, message]) =>
      [
        `detail: ${name}`,
        JSON.stringify({ errors: [{ code: 'M', detail }] }),
        [{ code: 'M', message }],
      ] as const,
  ),
  [
    'at most three',
    JSON.stringify({ errors: ['A', 'B', 'C', 'D'].map((code) => ({ code })) }),
    ['A', 'B', 'C'].map((code) => ({ code, message: '' })),
  ],
  [
    'line ends, ANSI and bidirectional marks are removed',
    JSON.stringify({ errors: [{ code: 'X\n::error::y', message: '\u001b[31m`red`\u202e\r\n##[error]z' }] }),
    [{ code: 'X ::error::y', message: "[31m'red' ##[error]z" }],
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
  assert.match(registryError({ ...answer(403), login }, push).hint ?? '', /^Check that this personal access/);
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
      const detail = JSON.stringify({ errors: [{ code: 'X', detail: [{ Sent: back }] }] });
      for (const each of [body, detail]) {
        const error = registryError({ ...answer(403, { body: each }), login }, push);
        assert.doesNotMatch(error.message, /the-p|dXNlc/);
      }
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
