import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRegistryAuth } from '../../../../src/actions/input/registry-auth-input.ts';
import type { RegistryLogin } from '../../../../src/credentials/login-scope.ts';

const login = { registry: 'ghcr.io', username: 'u', password: 'p' };

const right: readonly (readonly [name: string, given: string, out: readonly RegistryLogin[]])[] = [
  ['nothing', '', []],
  ['white space', ' \n\n', []],
  ['a comment', '# none yet\n', []],
  ['an empty list', '[]', []],
  ['one entry', '- registry: ghcr.io\n  username: u\n  password: p\n', [login]],
  [
    'two entries as in the documentation of docker/login-action',
    '- username: u\n  password: p\n- registry: GHCR.io\n  username: u\n  password: p',
    [{ ...login, registry: 'docker.io' }, login],
  ],
  ['JSON, which is YAML', '[{"registry": "ghcr.io", "username": "u", "password": "p"}]', [login]],
  [
    'aliases of Docker Hub',
    '[{registry: "https://index.docker.io/v1/", username: u, password: p}]',
    [{ ...login, registry: 'docker.io' }],
  ],
  [
    'a host with its port',
    '[{registry: "[::1]:5000", username: u, password: p}]',
    [{ ...login, registry: '[::1]:5000' }],
  ],
  [
    'passwords that look like other types',
    '[{registry: ghcr.io, username: 007, password: 0x1F}]',
    [{ ...login, username: '007', password: '0x1F' }],
  ],
  [
    'a password that looks like a boolean',
    '[{registry: ghcr.io, username: u, password: no}]',
    [{ ...login, password: 'no' }],
  ],
  [
    'a password with colons, quotes and Unicode',
    `[{registry: ghcr.io, username: u, password: 'a: "b" # ''ü'' 🔑'}]`,
    [{ ...login, password: `a: "b" # 'ü' 🔑` }],
  ],
  [
    'a password of several lines',
    '- registry: ghcr.io\n  username: _json_key\n  password: |-\n    {\n     "a": 1}\n',
    [{ ...login, username: '_json_key', password: '{\n "a": 1}' }],
  ],
  [
    'a scope',
    '[{registry: ghcr.io, username: u, password: p, scope: "acme/app@pull,push"}]',
    [{ ...login, repository: 'acme/app', actions: ['pull', 'push'] }],
  ],
  [
    'a scope of actions',
    '[{registry: ghcr.io, username: u, password: p, scope: "@push"}]',
    [{ ...login, actions: ['push'] }],
  ],
  [
    'a password that YAML cut at a comment, which is told when it is rejected',
    '- registry: ghcr.io\n  username: u\n  password: p #hush\n',
    [
      {
        ...login,
        doubt: ', whose password ends at " #", where YAML begins a comment: put it in single quotes',
      },
    ],
  ],
  ['ecr left to itself', '[{registry: ghcr.io, username: u, password: p, ecr: auto}]', [login]],
];

for (const [name, input, out] of right)
  test(`registry-auth: ${name}`, async () =>
    assert.deepEqual(await parseRegistryAuth(input), { logins: out, problems: [] }));

const wrong: readonly (readonly [
  name: string,
  given: string,
  out: readonly (readonly [line: number, message: RegExp])[],
])[] = [
  [
    'one entry outside a list',
    'registry: ghcr.io\nusername: u\npassword: hush-hush',
    [[1, /^is one entry outside a list, without "- " before it; expected a YAML list/]],
  ],
  ['text', 'hush-hush', [[1, /expected a YAML list/]]],
  ['broken YAML', '- registry: ghcr.io\n  password: "hush-hush', [[2, /not valid YAML/]]],
  ['broken indentation', '- registry: ghcr.io\n username: hush-hush: x', [[2, /not valid YAML/]]],
  [
    'two documents',
    '- registry: a\n---\n- password: hush-hush',
    [[2, /^several YAML documents; expected a YAML list/]],
  ],
  [
    "docker's config.json",
    '{"auths":{"a":{"auth":"hush-hush"}}}',
    [[1, /^is docker's config\.json, .*expected a YAML list/]],
  ],
  ['a user name and a password', 'user:hush-hush', [[1, /^is one text; expected a YAML list/]]],
  ['an entry that is text', '- hush-hush', [[1, /expected a YAML list/]]],
  [
    'every entry at once',
    '- registry: a\n  username: u\n- registry: b\n  password: hush-hush\n- 1',
    [
      [1, /password is missing for a/],
      [3, /username is missing for b/],
      [5, /expected/],
    ],
  ],
  [
    'an empty secret',
    '- registry: a\n  username: u\n  password: \n',
    [[1, /password is missing for a; is the secret set/]],
  ],
  [
    'a password that begins a comment',
    '- registry: a\n  username: u\n  password: #hush-hush\n',
    [[1, /password of a begins with "#", where YAML begins a comment; put it in single quotes$/]],
  ],
  [
    'a password that begins an alias',
    '- registry: a\n  username: u\n  password: *hush-hush',
    [[3, /password is not plain text; put it in single quotes$/]],
  ],
  [
    'a password that YAML reserves',
    '- registry: a\n  username: u\n  password: "@hush-hush',
    [[3, /not valid YAML; put passwords in single quotes; expected a YAML list/]],
  ],
  [
    'an unknown field',
    '- registry: a\n  username: u\n  passwort: hush-hush',
    [[3, /unknown field; expected one of registry, username, password, scope/]],
  ],
  [
    'a field twice',
    '- registry: a\n  password: hush-hush\n  password: hush-hush2',
    [[3, /same field twice/]],
  ],
  [
    'a list for a password',
    '- registry: a\n  username: u\n  password: [hush-hush]',
    [[3, /password is not plain text/]],
  ],
  [
    'an alias',
    '- registry: a\n  username: &u hush-hush\n  password: *u',
    [[3, /password is not plain text/]],
  ],
  [
    'a tag',
    '- registry: a\n  username: u\n  password: !!binary aHVzaA==',
    [[3, /password is not plain text/]],
  ],
  ['a host that is none', '[{registry: "hush hush", username: u, password: p}]', [[1, /not a host name/]]],
  ['a colon in the user', '[{registry: a, username: "u:v", password: p}]', [[1, /colon/]]],
  ['a line end in the user', '[{registry: a, username: "u\\nv", password: p}]', [[1, /control/]]],
  ['a bad scope', '[{registry: a, username: u, password: p, scope: "x@fly"}]', [[1, /scope is not valid/]]],
  [
    'a second login',
    '- {registry: a, username: u, password: p}\n- {registry: A, username: v, password: q}',
    [[2, /a second login for a/]],
  ],
  ['ecr', '[{registry: a, username: u, password: p, ecr: true}]', [[1, /amazon-ecr-login/]]],
];

for (const [name, input, out] of wrong)
  test(`registry-auth: ${name} is a problem`, async () => {
    const { logins, problems } = await parseRegistryAuth(input);
    assert.deepEqual(logins, []);
    const found = problems.map(({ line }) => line);
    assert.deepEqual(
      found,
      out.map(([line]) => line),
    );
    for (const [index, [, message]] of out.entries()) assert.match(problems[index]?.message ?? '', message);
    assert.ok(problems.every(({ input }) => input === 'registry-auth'));
    assert.doesNotMatch(JSON.stringify(problems), /hush/);
  });
