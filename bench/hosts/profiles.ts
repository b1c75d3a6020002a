/** The kinds of hosts that people publish to. */

export interface Profile {
  readonly title: string;
  /** The registry's name in references; undefined for plain HTTP on a loopback address. */
  readonly name?: string;
  /** The hosts that answer, if references have another name. */
  readonly servers?: readonly string[];
  /** The key of its login in docker's configuration file, if it is not the name. */
  readonly loginKey?: string;
  readonly auth: 'none' | 'htpasswd' | 'token';
  /** The host of the token server. */
  readonly tokenHost?: string;
  /** The service for which tokens are issued. */
  readonly service?: string;
}

const names = ['plain', 'bearer', 'bearer-elsewhere', 'basic', 'ghcr', 'docker-hub'] as const;
export type ProfileName = (typeof names)[number];

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  plain: { title: 'Plain HTTP, no login', auth: 'none' },
  bearer: {
    title: 'TLS, HTTP/2, bearer tokens, token server on the same host',
    ...{ name: 'registry.example', auth: 'token' },
    ...{ tokenHost: 'registry.example', service: 'registry.example' },
  },
  'bearer-elsewhere': {
    title: 'TLS, HTTP/2, bearer tokens, token server on another host',
    ...{ name: 'registry.example', auth: 'token' },
    ...{ tokenHost: 'auth.example', service: 'registry.example' },
  },
  basic: { title: 'TLS, HTTP/2, Basic', name: 'registry.example', auth: 'htpasswd' },
  ghcr: {
    title: 'The same as ghcr.io: its name, realm and service',
    ...{ name: 'ghcr.io', auth: 'token', tokenHost: 'ghcr.io', service: 'ghcr.io' },
  },
  'docker-hub': {
    title: 'The same as Docker Hub: its names, realm and service',
    ...{
      name: 'docker.io',
      servers: ['registry-1.docker.io', 'index.docker.io'],
      loginKey: 'https://index.docker.io/v1/',
    },
    ...{ auth: 'token', tokenHost: 'auth.docker.io', service: 'registry.docker.io' },
  },
};

/** Returns the profile of this name; throws for an unknown name. */
export function profileNamed(name: string): ProfileName {
  const found = names.find((each) => each === name);
  if (found !== undefined) return found;
  throw new Error(`${name}: not a profile. Choose from ${names.join(', ')}`);
}
