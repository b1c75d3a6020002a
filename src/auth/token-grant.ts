import type { Scope } from './scope.ts';

/** Whether a push would be allowed, if that can be known without writing. */
export type Grant = 'granted' | 'denied' | 'unknown';

/**
 * Whether an Authorization value allows a scope, by the `access` claim of its JSON Web Token. The token is not verified:
 * this is for messages. `unknown` for passwords and tokens that do not say.
 * https://distribution.github.io/distribution/spec/auth/jwt/
 */
export function grantOf(authorization: string, { repository, actions }: Scope): Grant {
  const access = accessClaim(authorization);
  if (access === undefined) return 'unknown';
  const held = access.filter((each) => each.type === 'repository' && each.name === repository);
  const granted = held.flatMap((each) => (Array.isArray(each.actions) ? (each.actions as unknown[]) : []));
  return granted.includes('*') || actions.every((action) => granted.includes(action)) ? 'granted' : 'denied';
}

type Claim = { readonly type?: unknown; readonly name?: unknown; readonly actions?: unknown };

function accessClaim(authorization: string): readonly Claim[] | undefined {
  const [, payload] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/.exec(authorization) ?? [];
  if (payload === undefined) return undefined;
  try {
    const { access } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { access?: unknown };
    if (!Array.isArray(access)) return undefined;
    return access.filter((each): each is Claim => typeof each === 'object' && each !== null);
  } catch {
    return undefined;
  }
}
