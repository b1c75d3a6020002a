/** Staging tags of Harbor go by its own API, with user name and password. */
import assert from 'node:assert/strict';
import { usualChallenge } from '../../support/registry/registry-auth.ts';
import type { Challenge } from '../../support/registry/registry-options.ts';
import { scenario } from '../../support/run/scenario.ts';
import { secretOf } from '../../support/run/secrets.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { json, type Script } from '../../support/vendors/api-server.ts';
import { warningsOf } from '../evidence.ts';
import { amd64, arm64, proxyTo, purgeThrough, scripted, stage } from './vendor-rig.ts';

const host = 'harbor.example';
const account = { username: 'robot$ci', password: secretOf('robot$ci', 'robot-secret-of-harbor') };
const harbor = {
  registry: {
    tls: serverTls([host]),
    auth: {
      kind: 'bearer',
      accounts: [{ ...account, access: { '*': ['pull', 'push'] } }],
      challenge: ({ realm, ...challenge }: Challenge) => [
        usualChallenge('bearer', { ...challenge, realm: `https://${host}${new URL(realm).pathname}` }),
      ],
    },
  },
} as const;
const login = { 'registry-auth': JSON.stringify([{ registry: host, ...account }]) };
const basic = `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`;
const repository = 'team/app/web';
const names = ['1-amd64', '1-arm64'].map((tag) => `${host}/${repository}:${tag}`);
const tagPath = (digest: string, tag: string): string =>
  `/api/v2.0/projects/team/repositories/app%252Fweb/artifacts/${digest}/tags/${tag}`;
const pong: Script = () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'Pong' });

scenario('tags of Harbor go by its API, with the repository encoded twice', harbor, async (t) => {
  await stage(t, repository);
  const paths: string[] = [];
  scripted(t, /^\/api\/v2\.0\/ping$/, (call) => {
    assert.equal(
      call.authorization,
      undefined,
      'the login is not sent before the registry is known as Harbor',
    );
    return pong(call);
  });
  scripted(t, /^\/api\/v2\.0\/projects\//, ({ method, path, authorization }) => {
    assert.deepEqual([method, authorization], ['DELETE', basic]);
    paths.push(path);
    t.registry.remove(repository, path.slice(path.lastIndexOf('/') + 1));
    return json(200, {});
  });
  const proxy = await proxyTo(t, { [host]: t.registry.host });
  const run = await purgeThrough(t, proxy, { tags: names.join('\n'), ...login });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), names, run.stdout);
  assert.deepEqual(paths, [tagPath(amd64.digest, '1-amd64'), tagPath(arm64.digest, '1-arm64')]);
  assert.ok(t.registry.wire.every(({ method, path }) => method !== 'DELETE' || path.startsWith('/api/')));
});

const refusals: readonly { readonly name: string; readonly script: Script; readonly warning: RegExp }[] = [
  {
    name: 'the password is wrong',
    script: () => json(401, { errors: [{ code: 'UNAUTHORIZED', message: 'unauthorized' }] }),
    warning: /harbor\.example rejected the login from registry-auth input \(401\)/,
  },
  {
    name: 'the robot may not delete tags',
    script: () => json(403, { errors: [{ code: 'FORBIDDEN', message: 'forbidden' }] }),
    warning: /refused to remove the tag \(403, FORBIDDEN: forbidden\)\. Give the account or robot permission/,
  },
  {
    name: 'the tag is immutable',
    script: () => json(412, { errors: [{ code: 'PRECONDITION', message: 'matches an immutable rule' }] }),
    warning: /refused to remove the tag \(412, PRECONDITION: matches an immutable rule\)/,
  },
  {
    name: 'the robot may not see the project',
    script: () => json(404, { errors: [{ code: 'NOT_FOUND', message: 'artifact not found' }] }),
    warning: /refused to remove the tag \(404, NOT_FOUND: artifact not found\)\. Give the account or robot/,
  },
  { name: 'it is out of service', script: () => json(500, {}), warning: /\(500\)\. Remove the tag later/ },
];

for (const { name, script, warning } of refusals) {
  scenario(`tags of Harbor stay, with a warning: ${name}`, harbor, async (t) => {
    await stage(t, repository);
    scripted(t, /^\/api\/v2\.0\/ping$/, pong);
    scripted(t, /^\/api\/v2\.0\/projects\//, script);
    const run = await purgeThrough(t, await proxyTo(t, { [host]: t.registry.host }), {
      tags: names.join('\n'),
      ...login,
    });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.outputs['purged'], '[]');
    assert.equal(warningsOf(run).length, 1, run.stdout);
    assert.match(warningsOf(run)[0] ?? '', warning);
    assert.deepEqual(Object.keys(t.registry.tags(repository)), ['1', '1-amd64', '1-arm64']);
  });
}

scenario('a registry that answers the ping with a web page is not Harbor', harbor, async (t) => {
  await stage(t, repository);
  scripted(t, /^\/api\/v2\.0\/ping$/, () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<p>Pong',
  }));
  await purgeThrough(t, await proxyTo(t, { [host]: t.registry.host }), { tags: names.join('\n'), ...login });
  assert.ok(t.registry.wire.every(({ path }) => !path.startsWith('/api/v2.0/projects/')));
});
