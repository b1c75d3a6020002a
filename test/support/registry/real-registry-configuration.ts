/** What distribution is told in its configuration file (distribution's docs: configuration). */
import type { TokenServer } from '../tokens/token-server.ts';

/** The user htpasswd knows, and the token server unless it is given others. */
export const testUser = { username: 'tester', password: 'correct-horse' } as const;

/** `testUser` as `htpasswd -B -C 4` writes it: the lowest cost, since every request is checked. */
export const htpasswdLine = 'tester:$2y$04$tg8WlixTunxbcgZoFlED.OBIj2Baxwck./yxF1KQ/01ha7Yfrgf/6\n';

export interface RegistrySettings {
  /** Holds the content and the files the configuration names. */
  readonly directory: string;
  readonly auth: 'none' | 'htpasswd' | 'token';
  readonly tokens: TokenServer | undefined;
  readonly tls: boolean;
  readonly relativeUrls: boolean;
  /** Whether `storage.delete` is enabled; default `on`. */
  readonly deletes?: 'on' | 'off';
}

/** The configuration file's text: JSON, which is YAML too. */
export function registryConfiguration(settings: RegistrySettings): string {
  const { directory } = settings;
  const configuration = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: `${directory}/storage` },
      delete: { enabled: settings.deletes !== 'off' },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: '127.0.0.1:0', secret: 'test', relativeurls: settings.relativeUrls, ...tls(settings) },
    ...auth(settings),
  };
  return JSON.stringify(configuration, null, 2);
}

function tls({ tls, directory }: RegistrySettings): object {
  if (!tls) return {};
  return { tls: { certificate: `${directory}/server.pem`, key: `${directory}/server-key.pem` } };
}

function auth({ auth, tokens, directory }: RegistrySettings): object {
  if (auth === 'htpasswd') return { auth: { htpasswd: { realm: 'test', path: `${directory}/htpasswd` } } };
  if (!tokens) return {};
  const { realm, issuer, service } = tokens;
  return { auth: { token: { realm, service, issuer, rootcertbundle: `${directory}/token-root.pem` } } };
}
