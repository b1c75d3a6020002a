import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRegistryAuth } from '../../../../src/actions/input/registry-auth-input.ts';
import type { RegistryLogin } from '../../../../src/credentials/login-scope.ts';

const login = { registry: 'ghcr.io', username: 'u', password: 'p' };

const right: readonly { name: string; in: string; out: readonly RegistryLogin[] }[] = [
  { name: 'nothing', in: '', out: [] },
  { name: 'white space', in: ' \n\n', out: [] },
  { name: 'a comment', in: '# none yet\n', out: [] },
  { name: 'an empty list', in: '[]', out: [] },
  { name: 'one entry', in: '- registry: ghcr.io\n  username: u\n  password: p\n', out: [login] },
  {
    name: 'two entries as in the documentation of docker/login-action',
    in: '- username: u\n  password: p\n- registry: GHCR.io\n  username: u\n  password: p',
    out: [{ ...login, registry: 'docker.io' }, login],
  },
  {
    name: 'JSON, which is YAML',
    in: '[{"registry": "ghcr.io", "username": "u", "password": "p"}]',
    out: [login],
  },
  {
    name: 'aliases of Docker Hub',
    in: '[{registry: "https://index.docker.io/v1/", username: u, password: p}]',
    out: [{ ...login, registry: 'docker.io' }],
  },
  {
    name: 'a host with its port',
    in: '[{registry: "[::1]:5000", username: u, password: p}]',
    out: [{ ...login, registry: '[::1]:5000' }],
  },
  {
    name: 'passwords that look like other types',
    in: '[{registry: ghcr.io, username: 007, password: 0x1F}]',
    out: [{ ...login, username: '007', password: '0x1F' }],
  },
  {
    name: 'a password that looks like a boolean',
    in: '[{registry: ghcr.io, username: u, password: no}]',
    out: [{ ...login, password: 'no' }],
  },
  {
    name: 'a password with colons, quotes and Unicode',
    in: `[{registry: ghcr.io, username: u, password: 'a: "b" # ''ü'' 🔑'}]`,
    out: [{ ...login, password: `a: "b" # 'ü' 🔑` }],
  },
  {
    name: 'a password of several lines',
    in: '- registry: ghcr.io\n  username: _json_key\n  password: |-\n    {\n     "a": 1}\n',
    out: [{ ...login, username: '_json_key', password: '{\n "a": 1}' }],
  },
  {
    name: 'a scope',
    in: '[{registry: ghcr.io, username: u, password: p, scope: "acme/app@pull,push"}]',
    out: [{ ...login, repository: 'acme/app', actions: ['pull', 'push'] }],
  },
  {
    name: 'a scope of actions',
    in: '[{registry: ghcr.io, username: u, password: p, scope: "@push"}]',
    out: [{ ...login, actions: ['push'] }],
  },
  {
    name: 'ecr left to itself',
    in: '[{registry: ghcr.io, username: u, password: p, ecr: auto}]',
    out: [login],
  },
];

for (const row of right)
  test(`registry-auth: ${row.name}`, async () =>
    assert.deepEqual(await parseRegistryAuth(row.in), { logins: row.out, problems: [] }));

const wrong: readonly {
  name: string;
  in: string;
  out: readonly (readonly [line: number, message: RegExp])[];
}[] = [
  {
    name: 'one entry outside a list',
    in: 'registry: ghcr.io\nusername: u\npassword: hush-hush',
    out: [[1, /expected a YAML list/]],
  },
  { name: 'text', in: 'hush-hush', out: [[1, /expected a YAML list/]] },
  { name: 'broken YAML', in: '- registry: ghcr.io\n  password: "hush-hush', out: [[2, /not valid YAML/]] },
  {
    name: 'broken indentation',
    in: '- registry: ghcr.io\n username: hush-hush: x',
    out: [[2, /not valid YAML/]],
  },
  { name: 'two documents', in: '- registry: a\n---\n- password: hush-hush', out: [[2, /not valid YAML/]] },
  { name: 'an entry that is text', in: '- hush-hush', out: [[1, /expected a YAML list/]] },
  {
    name: 'every entry at once',
    in: '- registry: a\n  username: u\n- registry: b\n  password: hush-hush\n- 1',
    out: [
      [1, /password is missing for a/],
      [3, /username is missing for b/],
      [5, /expected/],
    ],
  },
  {
    name: 'an empty secret',
    in: '- registry: a\n  username: u\n  password: \n',
    out: [[1, /password is missing for a; is the secret set/]],
  },
  {
    name: 'an unknown field',
    in: '- registry: a\n  username: u\n  passwort: hush-hush',
    out: [[3, /unknown field; expected one of registry, username, password, scope/]],
  },
  {
    name: 'a field twice',
    in: '- registry: a\n  password: hush-hush\n  password: hush-hush2',
    out: [[3, /same field twice/]],
  },
  {
    name: 'a list for a password',
    in: '- registry: a\n  username: u\n  password: [hush-hush]',
    out: [[3, /password is not plain text/]],
  },
  {
    name: 'an alias',
    in: '- registry: a\n  username: &u hush-hush\n  password: *u',
    out: [[3, /password is not plain text/]],
  },
  {
    name: 'a tag',
    in: '- registry: a\n  username: u\n  password: !!binary aHVzaA==',
    out: [[3, /password is not plain text/]],
  },
  {
    name: 'a host that is none',
    in: '[{registry: "hush hush", username: u, password: p}]',
    out: [[1, /not a host name/]],
  },
  { name: 'a colon in the user', in: '[{registry: a, username: "u:v", password: p}]', out: [[1, /colon/]] },
  {
    name: 'a line end in the user',
    in: '[{registry: a, username: "u\\nv", password: p}]',
    out: [[1, /control/]],
  },
  {
    name: 'a bad scope',
    in: '[{registry: a, username: u, password: p, scope: "x@fly"}]',
    out: [[1, /scope is not valid/]],
  },
  {
    name: 'a second login',
    in: '- {registry: a, username: u, password: p}\n- {registry: A, username: v, password: q}',
    out: [[2, /a second login for a/]],
  },
  { name: 'ecr', in: '[{registry: a, username: u, password: p, ecr: true}]', out: [[1, /amazon-ecr-login/]] },
];

for (const row of wrong)
  test(`registry-auth: ${row.name} is a problem`, async () => {
    const { logins, problems } = await parseRegistryAuth(row.in);
    assert.deepEqual(logins, []);
    const found = problems.map(({ line }) => line);
    assert.deepEqual(
      found,
      row.out.map(([line]) => line),
    );
    for (const [index, [, message]] of row.out.entries())
      assert.match(problems[index]?.message ?? '', message);
    assert.ok(problems.every(({ input }) => input === 'registry-auth'));
    assert.doesNotMatch(JSON.stringify(problems), /hush/);
  });

test('registry-auth: hostile input is read in good time', async () => {
  for (const text of [
    '['.repeat(20_000),
    '- '.repeat(20_000),
    'a: '.repeat(50_000),
    '&a '.repeat(20_000),
    '- a\n'.repeat(20_000),
  ]) {
    const start = performance.now();
    await parseRegistryAuth(text);
    assert.ok(performance.now() - start < 5000, `${text.slice(0, 4)}: ${performance.now() - start} ms`);
  }
});
