import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActionError } from '../../../src/run/errors.ts';
import { auth, config, line, rig } from '../../support/rigs/keychain-rig.ts';

const auths: readonly { name: string; in: object; registry?: string; out: string }[] = [
  { name: 'the very host', in: { 'r.example': auth('a:b') }, out: 'a:b' },
  {
    name: 'the host with its port',
    in: { 'r.example': auth('a:b'), 'r.example:5000': auth('c:d') },
    registry: 'r.example:5000',
    out: 'c:d',
  },
  { name: 'another port', in: { 'r.example:5000': auth('a:b') }, out: 'anonymous' },
  {
    name: 'a host that ends alike',
    in: { 'evil-r.example': auth('a:b'), 'x.r.example': auth('a:b') },
    out: 'anonymous',
  },
  { name: 'a host that starts alike', in: { 'r.example.evil': auth('a:b') }, out: 'anonymous' },
  { name: 'a key with a scheme', in: { 'https://r.example': auth('a:b') }, out: 'a:b' },
  { name: 'a key with scheme and path', in: { 'https://r.example/v1/': auth('a:b') }, out: 'a:b' },
  { name: 'a key with a path', in: { 'r.example/acme': auth('a:b') }, out: 'anonymous' },
  {
    name: 'the closest of several keys',
    in: { 'r.example/acme': auth('1:1'), 'https://r.example/v2/': auth('2:2'), 'r.example': auth('3:3') },
    out: '3:3',
  },
  {
    name: 'a scheme before a path',
    in: { 'r.example/acme': auth('1:1'), 'https://r.example/v2/': auth('2:2') },
    out: '2:2',
  },
  { name: 'an upper-case key', in: { 'R.Example': auth('a:b') }, out: 'a:b' },
  {
    name: 'an empty entry of another spelling',
    in: { 'https://r.example': {}, 'r.example:443': {}, 'http://r.example': auth('a:b') },
    out: 'a:b',
  },
  {
    name: "Docker Hub's key",
    in: { 'https://index.docker.io/v1/': auth('a:b') },
    registry: 'docker.io',
    out: 'a:b',
  },
  {
    name: "Docker Hub's key before its aliases",
    in: { 'registry-1.docker.io': auth('1:1'), 'https://index.docker.io/v1/': auth('2:2') },
    registry: 'docker.io',
    out: '2:2',
  },
  {
    name: 'an alias of Docker Hub',
    in: { 'registry-1.docker.io': auth('a:b') },
    registry: 'docker.io',
    out: 'a:b',
  },
  {
    name: "Docker Hub's key for an alias",
    in: { 'https://index.docker.io/v1/': auth('a:b') },
    registry: 'index.docker.io',
    out: 'a:b',
  },
  {
    name: 'a host that is not Docker Hub',
    in: { 'https://index.docker.io/v1/': auth('a:b') },
    registry: 'hub.docker.io',
    out: 'anonymous',
  },
  { name: 'a password with colons', in: { 'r.example': auth('a:b:c:') }, out: 'a:b:c:' },
  { name: 'a password with spaces and Unicode', in: { 'r.example': auth('ü:pä ß 🔑 ') }, out: 'ü:pä ß 🔑 ' },
  { name: 'a password padded with zero bytes', in: { 'r.example': auth('a:b\0\0') }, out: 'a:b' },
  { name: 'username and password', in: { 'r.example': { username: 'a', password: 'b' } }, out: 'a:b' },
  {
    name: 'auth before username and password',
    in: { 'r.example': { username: 'x', password: 'y', ...auth('a:b') } },
    out: 'a:b',
  },
  { name: 'field names in another case', in: { 'r.example': { UserName: 'a', PASSWORD: 'b' } }, out: 'a:b' },
  { name: 'an identity token', in: { 'r.example': { identitytoken: 't' } }, out: 'identity-token t' },
  {
    name: 'an identity token with its user',
    in: { 'r.example': { ...auth('00000000-0000-0000-0000-000000000000:'), identitytoken: 't' } },
    out: 'identity-token 00000000-0000-0000-0000-000000000000 t',
  },
  {
    name: 'a registry token',
    in: { 'r.example': { ...auth('a:b'), identitytoken: 't', registrytoken: 'r' } },
    out: 'registry-token r',
  },
];

for (const row of auths) {
  test(`docker config: auths with ${row.name}`, async () => {
    const { credentials } = rig({ files: { [config]: { auths: row.in } } });
    const found = line(await credentials.find(row.registry ?? 'r.example'));
    assert.equal(found.replace(` (${config})`, ''), row.out);
  });
}

const broken: readonly { name: string; in: string | object; out: RegExp }[] = [
  { name: 'no JSON', in: 'hush-hush {', out: /is not valid JSON/ },
  { name: 'cut JSON', in: '{"auths":{"r.example":{"auth":"hush-hush', out: /is not valid JSON/ },
  { name: 'an array', in: ['hush-hush'], out: /is not a JSON object/ },
  { name: 'auths that are text', in: { auths: 'hush-hush' }, out: /auths that is not an object/ },
  {
    name: 'an entry that is text',
    in: { auths: { 'r.example': 'hush-hush' } },
    out: /entry of auths that is not an object/,
  },
  {
    name: 'auth that is not base64',
    in: { auths: { 'r.example': { auth: 'hush-hush' } } },
    out: /auth that is not the base64/,
  },
  {
    name: 'auth without a colon',
    in: { auths: { 'r.example': auth('hush-hush') } },
    out: /auth that is not the base64/,
  },
  {
    name: 'a helper that is a number',
    in: { credHelpers: { 'r.example': 1 } },
    out: /credHelpers that is not text/,
  },
  { name: 'a store that is a list', in: { credsStore: ['hush-hush'] }, out: /credsStore that is not text/ },
];

for (const row of broken) {
  for (const place of ['file', 'variable']) {
    test(`docker config: a ${place} with ${row.name} is an error that names it and does not quote it`, async () => {
      const text = typeof row.in === 'string' ? row.in : JSON.stringify(row.in);
      const { credentials } = rig(
        place === 'file' ? { files: { [config]: text } } : { environment: { DOCKER_AUTH_CONFIG: text } },
      );
      await assert.rejects(credentials.find('r.example'), (error: unknown) => {
        assert.ok(error instanceof ActionError);
        assert.equal(error.code, 'DOCKER_CONFIG');
        assert.match(error.message, row.out);
        assert.ok(error.message.startsWith(place === 'file' ? config : 'DOCKER_AUTH_CONFIG'));
        assert.doesNotMatch(`${error.stack} ${error.hint} ${error.cause}`, /hush/);
        return true;
      });
    });
  }
}

for (const content of [
  '',
  ' \n',
  '{}',
  '{"auths":null,"credHelpers":null,"credsStore":null}',
  '{"psFormat":1}',
]) {
  test(`docker config: a file with ${JSON.stringify(content)} holds nothing`, async () => {
    assert.equal(
      line(await rig({ files: { [config]: content } }).credentials.find('r.example')),
      'anonymous',
    );
  });
}

test('docker config: HttpHeaders are for the registries of tags, but for those this action sets', async () => {
  const HttpHeaders = { 'X-Meta': 'ci', 'X-Key': 'a long secret', Authorization: 'Basic x', host: 'evil' };
  const r = rig({ files: { [config]: { HttpHeaders } } });
  assert.deepEqual(await r.credentials.headers('own.example'), { 'x-meta': 'ci', 'x-key': 'a long secret' });
  await r.credentials.headers('own.example');
  assert.deepEqual(await r.credentials.headers('source.example'), {});
  assert.deepEqual(r.reads, [config]);
  assert.equal(r.warnings.length, 2);
  assert.deepEqual(r.secrets, ['a long secret']);
});

for (const headers of [{ 'X-A': 'a\r\nb' }, { 'X-A': 'a\0' }, { 'X A': 'a' }, { '': 'a' }, { 'X-A': '🔑' }]) {
  test(`docker config: HttpHeaders ${JSON.stringify(headers)} are refused`, async () => {
    const { credentials } = rig({ files: { [config]: { HttpHeaders: headers } } });
    await assert.rejects(credentials.headers('own.example'), { code: 'DOCKER_CONFIG' });
  });
}
