import { type Action, isAction, actions as order } from '../credentials/login-scope.ts';
import { fieldsIn } from '../http/message.ts';
import type { Challenge } from './challenge.ts';

/** Access to one repository, as a token carries it. https://distribution.github.io/distribution/spec/auth/scope/ */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly Action[];
}

/** A request's need for access. */
export interface AccessRequest {
  /** Where the registry is reached: `https://registry-1.docker.io`. */
  readonly origin: URL;
  /** The registry's name in references: `docker.io`. */
  readonly registry: string;
  readonly scope: Scope;
  /** All that the run needs in the repository, for messages; the scope itself by default. */
  readonly needed?: Scope | undefined;
  /** Background requests let the others go first. */
  readonly priority?: 'background' | undefined;
  /** The Authorization value that the registry has just rejected; undefined when it has rejected none. */
  readonly rejected?: string | undefined;
}

/** Formats a scope as token servers read it: `repository:acme/app:pull,push`. */
export function formatScope(scope: Scope): string {
  return `repository:${scope.repository}:${inOrder(scope.actions).join(',')}`;
}

/**
 * Parses one scope; undefined when it is not a repository's, or names other actions than ours
 * (`registry:catalog:*`, Amazon's `aws`: https://github.com/SgtSilvio/gradle-oci/pull/141).
 */
export function parseScope(text: string): Scope | undefined {
  const prefix = 'repository:';
  const colon = text.lastIndexOf(':');
  if (!text.startsWith(prefix) || colon <= prefix.length) return undefined;
  const actions = text.slice(colon + 1).split(',');
  if (!actions.every(isAction)) return undefined;
  return { repository: text.slice(prefix.length, colon), actions: inOrder(actions) };
}

/** Everything that either list allows, one scope per repository, in order of first appearance. */
export function unionScopes(a: readonly Scope[], b: readonly Scope[]): readonly Scope[] {
  const actions = new Map<string, Set<Action>>();
  for (const scope of [...a, ...b]) {
    const known = actions.get(scope.repository) ?? new Set();
    for (const action of scope.actions) known.add(action);
    actions.set(scope.repository, known);
  }
  return Array.from(actions, ([repository, set]) => ({ repository, actions: inOrder([...set]) }));
}

/** Whether `held` allows all of `wanted`. */
export function coversScope(held: readonly Scope[], wanted: Scope): boolean {
  const same = held.filter((scope) => scope.repository === wanted.repository);
  return wanted.actions.every((action) => same.some((scope) => scope.actions.includes(action)));
}

function inOrder(actions: readonly Action[]): readonly Action[] {
  return order.filter((action) => actions.includes(action));
}

/** The access of a token: to repositories, and scopes of other forms as text (Amazon's `aws`). */
export interface Access {
  readonly scopes: readonly Scope[];
  readonly others: readonly string[];
}

/** The access that a challenge names in its `scope`; spaces separate several scopes. */
export function accessOf(challenge: Challenge): Access {
  const texts = (challenge.parameters.get('scope') ?? '')
    .split(/[ \t]+/)
    .filter((text) => scopeToken.test(text));
  const scopes = texts.map(parseScope).filter((scope) => scope !== undefined);
  const others = texts.filter((text) => parseScope(text) === undefined);
  return { scopes: unionScopes(scopes, []), others: [...new Set(others)] };
}

/** Everything that either allows. */
export function unite(a: Access, b: Access): Access {
  return { scopes: unionScopes(a.scopes, b.scopes), others: [...new Set([...a.others, ...b.others])] };
}

/** Whether `held` allows all of `wanted`. */
export function covers(held: Access, wanted: Access): boolean {
  return (
    wanted.scopes.every((scope) => coversScope(held.scopes, scope)) &&
    wanted.others.every((text) => held.others.includes(text))
  );
}

/** The scopes of a token request; those without a repository or actions are left out. */
export function scopeTexts(access: Access): readonly string[] {
  const named = access.scopes.filter((scope) => scope.repository !== '' && scope.actions.length > 0);
  return [...access.others, ...named.map(formatScope)];
}

// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

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
  const [, payload = ''] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/.exec(authorization) ?? [];
  const { access } = fieldsIn(Buffer.from(payload, 'base64url'));
  if (!Array.isArray(access)) return undefined;
  return access.filter((each): each is Claim => typeof each === 'object' && each !== null);
}
