/** The ways to hand a login to the action, and a small run that needs one. */

import { makeImage } from '../images/images.ts';
import type { TestRegistry } from '../registry/registry.ts';
import type { AccountCredentials, RegistryHandle } from '../registry/registry-handle.ts';
import type { ActionRun, RunOptions } from '../run/run-action.ts';
import type { Files } from '../run/run-directory.ts';
import type { Scenario } from '../run/scenario.ts';
import { secretOf } from '../run/secrets.ts';
import { credentialPrograms } from './credential-programs.ts';

/** The input, the environment or the files that hold a login. */
export interface Handing {
  /** `registry-auth`. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly home?: Files;
}

export interface Way {
  readonly name: string;
  /** Its name in errors, where the home directory is `<home>` and the registry `<host>`. */
  readonly source: string;
  readonly hand: (host: string, login: AccountCredentials) => Handing;
}

export const configPath = '.docker/config.json';

/** `~/.docker/config.json` with this in it. */
export function configFile(value: unknown): Handing {
  return { home: { [configPath]: JSON.stringify(value) } };
}

/** `user:password` as HTTP and config.json have it. */
export function encodedPair({ username, password }: AccountCredentials): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** The entry of config.json's `auths` for a host. */
export function authOf(host: string, login: AccountCredentials): object {
  return { [host]: { auth: encodedPair(login) } };
}

/** A login with a password of its own. */
export function loginOf(username: string): AccountCredentials {
  return { username, password: secretOf(username, `password of ${username}`) };
}

/** Every way to hand over a user and a password. */
export const ways: readonly Way[] = [
  {
    name: 'the input registry-auth',
    source: 'registry-auth input',
    hand: (host, login) => ({ input: JSON.stringify([{ registry: host, ...login }]) }),
  },
  {
    name: 'DOCKER_AUTH_CONFIG',
    source: 'DOCKER_AUTH_CONFIG',
    hand: (host, login) => ({ env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: authOf(host, login) }) } }),
  },
  {
    name: "docker buildx's login of a repository",
    source: '<home>/.docker/buildx/config/<host>/app/config.json',
    hand: (host, login) => scopedLogin(`${host}/app`, { auths: authOf(host, login) }),
  },
  {
    name: 'credHelpers',
    source: 'docker-credential-steady',
    hand: (host, login) => ({
      ...configFile({ credHelpers: { [host]: 'steady' } }),
      env: { PATH: credentialPrograms({ steady: { knows: { [host]: login } } }).path },
    }),
  },
  {
    name: 'credsStore',
    source: 'docker-credential-store',
    hand: (host, login) => ({
      ...configFile({ credsStore: 'store', auths: { [host]: {} } }),
      env: { PATH: credentialPrograms({ store: { knows: { [host]: login } } }).path },
    }),
  },
  {
    name: 'an auth in config.json',
    source: '<home>/.docker/config.json',
    hand: (host, login) => configFile({ auths: authOf(`https://${host}/v2/`, login) }),
  },
  {
    name: 'user and password in config.json',
    source: '<home>/.docker/config.json',
    hand: (host, login) => configFile({ auths: { [host]: login } }),
  },
];

/** The login that `docker buildx` stores for a host, a repository or an action: `ghcr.io/acme/app@push`. */
export function scopedLogin(scope: string, config: unknown): Handing {
  return { home: { [`.docker/buildx/config/${scope}/config.json`]: JSON.stringify(config) } };
}

export interface Place {
  /** Default: the scenario's first registry. */
  readonly registry?: RegistryHandle;
  /** Default: the registry's. */
  readonly host?: string;
  /** Default `app`. */
  readonly repository?: string;
}

/** Publishes `app:1` from one image beside it. */
export async function publishOne(
  t: Scenario,
  handing: Handing & RunOptions = {},
  { registry = t.registry, host = registry.host, repository = 'app' }: Place = {},
): Promise<ActionRun> {
  await t.push(`${repository}:1-amd64`, makeImage('linux/amd64'), registry);
  const { input = '', ...options } = handing;
  const name = `${host}/${repository}`;
  return t.publish({ tags: `${name}:1`, sources: `${name}:1-amd64`, 'registry-auth': input }, options);
}

/** The users that requests with a Basic login came from, in their order. */
export function usersOf(wire: TestRegistry['wire']): string[] {
  const pairs = wire.flatMap(({ headers }) => /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? []);
  return pairs.map((pair) => Buffer.from(pair, 'base64').toString().split(':', 1)[0] ?? '');
}
