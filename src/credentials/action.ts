/** What may be done in a repository, by the names that registries' tokens use. */
export type Action = 'pull' | 'push' | 'delete';

/** Every action in the order that scopes are written in, because some token servers compare them as text. */
export const actions: readonly Action[] = ['pull', 'push', 'delete'];

/** Whether a word is an action. */
export function isAction(text: string): text is Action {
  return actions.some((action) => action === text);
}
