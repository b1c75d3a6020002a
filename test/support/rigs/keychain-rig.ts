import type { Credential } from '../../../src/credentials/credential.ts';
import type { HelperLogin } from '../../../src/credentials/credential-helper.ts';
import { type Credentials, OrderedCredentials } from '../../../src/credentials/keychain.ts';
import type { RegistryLogin } from '../../../src/credentials/login-scope.ts';
import { systemClock } from '../../../src/run/clock.ts';
import { AuthError } from '../../../src/run/errors.ts';

/** The logins that exist. */
export interface World {
  readonly registryAuth?: readonly RegistryLogin[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string | object>>;
  readonly helpers?: Readonly<Record<string, Readonly<Record<string, HelperLogin>>>>;
  readonly githubToken?: string;
}

/** Credentials in a world of maps, and what they did in it. */
export interface Rig {
  readonly credentials: Credentials;
  readonly secrets: string[];
  readonly warnings: string[];
  readonly reads: string[];
  readonly asked: string[];
  clock: number;
}

export const buildx = '/home/u/.docker/buildx/config/';

export function rig(world: World): Rig {
  const { files = {}, helpers = {} } = world;
  const [secrets, warnings, reads, asked] = [[], [], [], []] as string[][] as [
    string[],
    string[],
    string[],
    string[],
  ];
  const ignore = (): void => undefined;
  const built: Rig = {
    ...{ secrets, warnings, reads, asked, clock: 0 },
    credentials: new OrderedCredentials({
      registryAuth: world.registryAuth ?? [],
      environment: world.environment ?? {},
      home: '/home/u',
      headerRegistries: new Set(['own.example']),
      githubToken: world.githubToken,
      observer: {
        debug: ignore,
        info: ignore,
        warning: (text) => warnings.push(text),
        secret: (text) => secrets.push(text),
      },
      clock: { ...systemClock, now: () => built.clock },
      readText: async (path) => {
        reads.push(path);
        const content = files[path];
        return typeof content === 'object' ? JSON.stringify(content) : content;
      },
      listFiles: async (directory) => {
        reads.push(directory);
        return Object.keys(files)
          .filter((path) => path.startsWith(`${directory}/`))
          .map((path) => path.slice(directory.length + 1));
      },
      askHelper: async (name, registry) => {
        asked.push(`${name} ${registry}`);
        const logins = helpers[name];
        if (logins === undefined)
          throw new AuthError('CREDENTIAL_HELPER', `docker-credential-${name} is missing`);
        return logins[registry];
      },
    }),
  };
  return built;
}

export const config = '/home/u/.docker/config.json';

export function auth(pair: string): { auth: string } {
  return { auth: Buffer.from(pair, 'utf8').toString('base64') };
}

/** A credential in one line. */
export function line(credential: Credential): string {
  const { source } = credential;
  if (credential.kind === 'anonymous') return 'anonymous';
  if (credential.kind === 'basic') return `${credential.username}:${credential.password} (${source})`;
  const user = 'username' in credential ? `${credential.username} ` : '';
  return `${credential.kind} ${user}${credential.token} (${source})`;
}
