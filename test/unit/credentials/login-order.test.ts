/** Of several logins for one host the right one, as docker chooses it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auth, config, line, rig, type World } from '../../support/rigs/keychain-rig.ts';

interface Case {
  readonly name: string;
  readonly in: World;
  readonly find: readonly [registry: string, repository?: string];
  readonly out: string;
}

const files = (value: object): World => ({ files: { [config]: value } });
const hub = 'https://index.docker.io/v1/';
const stored = (user: string): string => `${user}:1 (${config})`;

const cases: readonly Case[] = [
  ...[
    ['docker.io', hub],
    ['registry-1.docker.io', hub],
    ['index.docker.io', hub],
    ['https://docker.io', hub],
    [hub, 'docker.io'],
    [hub, 'https://registry-1.docker.io/v2/'],
  ].map((keys) => ({
    name: `Docker Hub: ${hub} wins over ${keys.find((key) => key !== hub)}, written ${keys[0] === hub ? 'last' : 'first'}`,
    in: files({
      auths: Object.fromEntries(keys.map((key) => [key, auth(key === hub ? 'hub:1' : 'other:1')])),
    }),
    find: ['docker.io', 'library/alpine'] as const,
    out: stored('hub'),
  })),
  {
    name: 'a key with a path serves the repositories under it',
    in: files({ auths: { 'quay.test/acme': auth('acme:1') } }),
    find: ['quay.test', 'acme/app'],
    out: stored('acme'),
  },
  {
    name: 'a key with a path serves no other repository',
    in: files({ auths: { 'quay.test/acme': auth('acme:1') } }),
    find: ['quay.test', 'other/app'],
    out: 'anonymous',
  },
  {
    name: 'a path is a prefix by whole segments',
    in: files({ auths: { 'quay.test/acme': auth('acme:1') } }),
    find: ['quay.test', 'acme-test/app'],
    out: 'anonymous',
  },
  {
    name: 'the most specific path wins',
    in: files({
      auths: {
        'quay.test': auth('host:1'),
        'quay.test/acme': auth('acme:1'),
        'quay.test/acme/app': auth('app:1'),
        'quay.test/acme/app/deep': auth('deep:1'),
      },
    }),
    find: ['quay.test', 'acme/app'],
    out: stored('app'),
  },
  {
    name: 'an exact key that is empty means anonymous',
    in: files({ auths: { 'quay.test': {}, 'https://quay.test/v1/': auth('old:1') } }),
    find: ['quay.test', 'acme/app'],
    out: 'anonymous',
  },
  {
    name: 'an empty entry of a used store means the store',
    in: {
      ...files({ credsStore: 'store', auths: { 'quay.test': {} } }),
      helpers: { store: { 'quay.test': { username: 'kept', secret: '1' } } },
    },
    find: ['quay.test', 'acme/app'],
    out: 'kept:1 (docker-credential-store)',
  },
  {
    name: 'an empty helper for a host switches the store off',
    in: {
      ...files({
        credsStore: 'store',
        credHelpers: { 'quay.test': '' },
        auths: { 'quay.test': auth('file:1') },
      }),
      helpers: { store: { 'quay.test': { username: 'kept', secret: '1' } } },
    },
    find: ['quay.test', 'acme/app'],
    out: stored('file'),
  },
  {
    name: 'an empty helper for a host without another login means anonymous',
    in: {
      ...files({ credsStore: 'store', credHelpers: { 'quay.test': '' } }),
      helpers: { store: { 'quay.test': { username: 'kept', secret: '1' } } },
    },
    find: ['quay.test', 'acme/app'],
    out: 'anonymous',
  },
];

for (const { name, in: world, find, out } of cases) {
  test(name, async () => {
    const { credentials, asked } = rig(world);
    assert.equal(line(await credentials.find(...find)), out);
    if (name.startsWith('an empty helper')) assert.deepEqual(asked, []);
  });
}
