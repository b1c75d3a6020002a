import type { Challenge } from './challenge.ts';
import { coversScope, formatScope, parseScope, type Scope, unionScopes } from './scope.ts';

/** Access as a token holds it: to repositories, and scopes of other forms, kept as text (Amazon's `aws`). */
export interface Access {
  readonly scopes: readonly Scope[];
  readonly others: readonly string[];
}

/** The access that a challenge names in its `scope`; several are parted by spaces. */
export function accessOf(challenge: Challenge): Access {
  const texts = (challenge.parameters.get('scope') ?? '').split(/[ \t]+/).filter(isScopeText);
  const scopes = texts.map(parseScope).filter((scope) => scope !== undefined);
  const others = texts.filter((text) => parseScope(text) === undefined);
  return { scopes: unionScopes(scopes, []), others: [...new Set(others)] };
}

/** Everything that either allows. */
export function unite(a: Access, b: Access): Access {
  return { scopes: unionScopes(a.scopes, b.scopes), others: [...new Set([...a.others, ...b.others])] };
}

/** Whether `held` allows everything that `wanted` names. */
export function covers(held: Access, wanted: Access): boolean {
  return (
    wanted.scopes.every((scope) => coversScope(held.scopes, scope)) &&
    wanted.others.every((text) => held.others.includes(text))
  );
}

/** The scopes as a token request names them; what has no repository or no actions is left out. */
export function scopeTexts(access: Access): readonly string[] {
  const named = access.scopes.filter((scope) => scope.repository !== '' && scope.actions.length > 0);
  return [...access.others, ...named.map(formatScope)];
}

// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
function isScopeText(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);
}
