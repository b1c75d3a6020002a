/** An action in a repository, by the name that registry tokens use. */
export type Action = 'pull' | 'push' | 'delete';

/** Every action in the order of scopes, because some token servers compare scopes as text. */
export const actions: readonly Action[] = ['pull', 'push', 'delete'];

/** Whether a word is an action. */
export function isAction(text: string): text is Action {
  return actions.some((action) => action === text);
}
