import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  machineDirectories,
  parseDockerConfig,
  readTextFile,
} from '../../../src/credentials/docker-config.ts';
import { ActionError } from '../../../src/run/errors.ts';
import { auth, config, line, rig } from '../../support/rigs/keychain-rig.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';

const azureUser = '00000000-0000-0000-0000-000000000000';
const hub = 'https://index.docker.io/v1/';

/** `out`: the login found for `r.example`, or for the registry at the end. */
const auths: readonly (readonly [name: string, auths: object, out: string, registry?: string])[] = [
  ['the very host', { 'r.example': auth('a:b') }, 'a:b'],
  [
    'the host with its port',
    { 'r.example': auth('a:b'), 'r.example:5000': auth('c:d') },
    'c:d',
    'r.example:5000',
  ],
  ['another port', { 'r.example:5000': auth('a:b') }, 'anonymous'],
  ['hosts that end alike', { 'evil-r.example': auth('a:b'), 'x.r.example': auth('a:b') }, 'anonymous'],
  ['a host that starts alike', { 'r.example.evil': auth('a:b') }, 'anonymous'],
  ['a key with a scheme', { 'https://r.example': auth('a:b') }, 'a:b'],
  ['a key with scheme and path', { 'https://r.example/v1/': auth('a:b') }, 'a:b'],
  ['a key with a path', { 'r.example/acme': auth('a:b') }, 'anonymous'],
  [
    'the closest of several keys',
    { 'r.example/acme': auth('1:1'), 'https://r.example/v2/': auth('2:2'), 'r.example': auth('3:3') },
    '3:3',
  ],
  ['a scheme before a path', { 'r.example/acme': auth('1:1'), 'https://r.example/v2/': auth('2:2') }, '2:2'],
  ['an upper-case key', { 'R.Example': auth('a:b') }, 'a:b'],
  [
    'an empty entry of another spelling',
    { 'https://r.example': {}, 'r.example:443': {}, 'http://r.example': auth('a:b') },
    'a:b',
  ],
  ["Docker Hub's key", { [hub]: auth('a:b') }, 'a:b', 'docker.io'],
  [
    "Docker Hub's key before its aliases",
    { 'registry-1.docker.io': auth('1:1'), [hub]: auth('2:2') },
    '2:2',
    'docker.io',
  ],
  ['an alias of Docker Hub', { 'registry-1.docker.io': auth('a:b') }, 'a:b', 'docker.io'],
  ["Docker Hub's key for an alias", { [hub]: auth('a:b') }, 'a:b', 'index.docker.io'],
  ['a host that is not Docker Hub', { [hub]: auth('a:b') }, 'anonymous', 'hub.docker.io'],
  ['a password with colons', { 'r.example': auth('a:b:c:') }, 'a:b:c:'],
  ['a password with spaces and Unicode', { 'r.example': auth('ü:pä ß 🔑 ') }, 'ü:pä ß 🔑 '],
  ['a password padded with zero bytes', { 'r.example': auth('a:b\0\0') }, 'a:b'],
  ['username and password', { 'r.example': { username: 'a', password: 'b' } }, 'a:b'],
  [
    'auth before username and password',
    { 'r.example': { username: 'x', password: 'y', ...auth('a:b') } },
    'a:b',
  ],
  ['field names in another case', { 'r.example': { UserName: 'a', PASSWORD: 'b' } }, 'a:b'],
  ['an identity token', { 'r.example': { identitytoken: 't' } }, 'identity-token t'],
  [
    'an identity token with its user',
    { 'r.example': { ...auth(`${azureUser}:`), identitytoken: 't' } },
    `identity-token ${azureUser} t`,
  ],
  [
    'a registry token',
    { 'r.example': { ...auth('a:b'), identitytoken: 't', registrytoken: 'r' } },
    'registry-token r',
  ],
];

for (const [name, entries, out, registry = 'r.example'] of auths) {
  test(`docker config: auths with ${name}`, async () => {
    const { credentials } = rig({ files: { [config]: { auths: entries } } });
    assert.equal(line(await credentials.find(registry)).replace(` (${config})`, ''), out);
  });
}

const broken: readonly (readonly [name: string, content: string | object, out: RegExp])[] = [
  ['no JSON', 'hush-hush {', /is not valid JSON/],
  ['cut JSON', '{"auths":{"r.example":{"auth":"hush-hush', /is not valid JSON/],
  ['an array', ['hush-hush'], /is not a JSON object/],
  ['auths that are text', { auths: 'hush-hush' }, /auths that is not an object/],
  ['an entry that is text', { auths: { 'r.example': 'hush-hush' } }, /entry of auths that is not an object/],
  [
    'auth that is not base64',
    { auths: { 'r.example': { auth: 'hush-hush' } } },
    /auth that is not the base64/,
  ],
  ['auth without a colon', { auths: { 'r.example': auth('hush-hush') } }, /auth that is not the base64/],
  ['a helper that is a number', { credHelpers: { 'r.example': 1 } }, /credHelpers that is not text/],
  ['a store that is a list', { credsStore: ['hush-hush'] }, /credsStore that is not text/],
];

for (const [name, content, out] of broken) {
  for (const place of [config, 'DOCKER_AUTH_CONFIG']) {
    test(`docker config: the error for ${name} names ${place} and does not quote it`, async () => {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      const world = place === config ? { files: { [place]: text } } : { environment: { [place]: text } };
      await assert.rejects(rig(world).credentials.find('r.example'), (error: unknown) => {
        assert.ok(error instanceof ActionError);
        assert.equal(error.code, 'DOCKER_CONFIG');
        assert.match(error.message, out);
        assert.ok(error.message.startsWith(place));
        assert.doesNotMatch(`${error.stack} ${error.hint} ${error.cause}`, /hush/);
        return true;
      });
    });
  }
}

const empty = ['', ' \n', '{}', '{"auths":null,"credHelpers":null,"credsStore":null}', '{"psFormat":1}'];

for (const content of empty) {
  test(`docker config: a file with ${JSON.stringify(content)} holds nothing`, async () => {
    const { credentials } = rig({ files: { [config]: content } });
    assert.equal(line(await credentials.find('r.example')), 'anonymous');
  });
}

test('docker config: HttpHeaders are sent to the registries of tags, except those that this action sets', async () => {
  const HttpHeaders = { 'X-Meta': 'ci', 'X-Key': 'a long secret', Authorization: 'Basic x', host: 'evil' };
  const r = rig({ files: { [config]: { HttpHeaders } } });
  assert.deepEqual(await r.credentials.headers('own.example'), { 'x-meta': 'ci', 'x-key': 'a long secret' });
  await r.credentials.headers('own.example');
  assert.deepEqual(await r.credentials.headers('source.example'), {});
  assert.deepEqual(r.reads, [config]);
  assert.deepEqual(r.warnings, [
    `HttpHeaders of ${config}: not sent, because this action sets them: authorization, host`,
  ]);
  assert.deepEqual(r.secrets, ['a long secret']);
});

for (const headers of [{ 'X-A': 'a\r\nb' }, { 'X-A': 'a\0' }, { 'X A': 'a' }, { '': 'a' }, { 'X-A': '🔑' }]) {
  test(`docker config: HttpHeaders ${JSON.stringify(headers)} are refused`, async () => {
    const { credentials } = rig({ files: { [config]: { HttpHeaders: headers } } });
    await assert.rejects(credentials.headers('own.example'), { code: 'DOCKER_CONFIG' });
  });
}

test('DOCKER_AUTH_CONFIG and config.json have at most 4 MiB', async (t) => {
  assert.throws(() => parseDockerConfig(`{"x":"${'x'.repeat(4 * 1024 * 1024)}"}`, 'DOCKER_AUTH_CONFIG'), {
    code: 'DOCKER_CONFIG',
    message: 'DOCKER_AUTH_CONFIG has more than 4 MiB',
  });
  const path = join(temporaryDirectory(t), 'config.json');
  await writeFile(path, '{}');
  await truncate(path, 4 * 1024 * 1024 + 1);
  await assert.rejects(readTextFile(path), { message: `${path} cannot be read (more than 4 MiB)` });
});

for (const [name, platform, environment, out] of [
  ['Linux', 'linux', { ProgramData: 'C:\\ProgramData' }, ['/etc/docker']],
  ['macOS', 'darwin', {}, ['/etc/docker']],
  ['Windows', 'win32', { ProgramData: 'C:\\ProgramData' }, ['C:\\ProgramData\\docker']],
  ['Windows, in another case', 'win32', { PROGRAMDATA: 'D:\\Data' }, ['D:\\Data\\docker']],
  ['Windows without the variable', 'win32', {}, []],
  ['Windows with a relative directory', 'win32', { ProgramData: 'data' }, []],
  ['Windows with a directory of the current drive', 'win32', { ProgramData: '\\data' }, []],
] as const)
  test(`docker's directory for all users: ${name}`, () => {
    assert.deepEqual(machineDirectories(environment, platform), out);
  });
