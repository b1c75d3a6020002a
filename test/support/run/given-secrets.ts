/** The secrets in what a run is given, so that no test has to remember to name them. */
import { parse } from 'yaml';
import { knowSecret, knowSecretOf } from './secrets.ts';

interface Login {
  readonly username?: unknown;
  readonly password?: unknown;
}

interface DockerLogin extends Login {
  readonly auth?: unknown;
  readonly identitytoken?: unknown;
  readonly registrytoken?: unknown;
}

/** Registers the secrets of the inputs. */
export function knowInputSecrets(inputs: Readonly<Record<string, string>>): void {
  knowSecret(inputs['github-token'] ?? '');
  const logins = quietly(() => parse(inputs['registry-auth'] ?? '') as unknown);
  if (!Array.isArray(logins)) return;
  for (const login of logins as readonly (Login | null)[]) knowLogin(login ?? {});
}

/** Registers the secrets of a docker config.json. */
export function knowConfigSecrets(text: string): void {
  const config = quietly(
    () => JSON.parse(text) as { readonly auths?: Readonly<Record<string, DockerLogin>> },
  );
  for (const login of Object.values(config?.auths ?? {})) {
    knowLogin(login);
    for (const value of [login.identitytoken, login.registrytoken])
      if (typeof value === 'string') knowSecret(value);
    if (typeof login.auth === 'string') knowLogin(splitAuth(login.auth));
  }
}

function knowLogin({ username, password }: Login): void {
  if (typeof password === 'string') knowSecretOf(String(username ?? ''), password);
}

function splitAuth(auth: string): Login {
  const text = Buffer.from(auth, 'base64').toString();
  const colon = text.indexOf(':');
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Inputs may be broken on purpose. */
function quietly<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
