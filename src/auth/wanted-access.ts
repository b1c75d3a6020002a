import type { AuthRequest } from './login-state.ts';
import { type Access, covers, coversScope, scopeTexts, unite } from './scope.ts';

/** Characters of scopes in one token request, which keeps its URL within the 8 KiB that servers accept. */
const maxScopeLength = 4096;
/** Challenges that may widen the wanted access; a registry that needs more leads in circles. */
const maxWidenings = 16;

/** The access that a login's tokens should have. It only grows, so that one token comes to serve all requests. */
export class WantedAccess {
  #access: Access = { scopes: [], others: [] };
  #widenings = 0;
  /** `single`: the token server refuses tokens for several scopes. */
  #tokens: 'wide' | 'single' = 'wide';

  /** Adds the access of a request, of the run and of a challenge; returns the part that the request itself needs. */
  add(request: AuthRequest, challenged: Access): Access {
    const own: Access = { scopes: [request.scope], others: [] };
    this.#access = unite(this.#access, { scopes: [request.scope, ...request.expected], others: [] });
    if (!covers(this.#access, challenged)) {
      this.#widenings += 1;
      if (this.#widenings > maxWidenings) return own;
      this.#access = unite(this.#access, challenged);
    }
    return unite(own, this.#tokens === 'wide' ? challenged : onlyRepository(challenged, request));
  }

  /** The access to request: the needed part, and as much of the rest as fits into one request. */
  widest(needed: Access): Access {
    if (this.#tokens === 'single') return needed;
    let chosen = needed;
    let length = scopeTexts(needed).join(' ').length;
    for (const scope of this.#access.scopes) {
      if (coversScope(chosen.scopes, scope)) continue;
      length += scope.repository.length + 32;
      if (length <= maxScopeLength) chosen = unite(chosen, { scopes: [scope], others: [] });
    }
    return unite(chosen, { scopes: [], others: this.#access.others });
  }

  /** Requests single scopes from now on; returns the part of the needed access in the request's own repository. */
  narrow(request: AuthRequest, needed: Access): Access {
    this.#tokens = 'single';
    return unite({ scopes: [request.scope], others: [] }, onlyRepository(needed, request));
  }
}

function onlyRepository({ scopes, others }: Access, { scope }: AuthRequest): Access {
  return { scopes: scopes.filter(({ repository }) => repository === scope.repository), others };
}
