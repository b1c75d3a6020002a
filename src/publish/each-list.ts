import { formatReference } from '../oci/reference.ts';
import type { ListRequest } from '../pipeline/request.ts';
import { ActionError, type Combine, waitForAll, withContext } from '../run/errors.ts';

/** Calls a function for all lists at once; failures are thrown as one, and name the first tag of one of several lists. */
export function forEachList<List extends { readonly request: ListRequest }, T>(
  lists: readonly List[],
  job: (list: List) => Promise<T>,
): Promise<readonly T[]> {
  if (lists.length === 1) return Promise.all(lists.map(job));
  const named = (list: List): Promise<T> =>
    job(list).catch((error: unknown) => Promise.reject(withContext(listName(list.request), error)));
  return waitForAll(lists.map(named), combineLists);
}

/** The name of a list in log lines and messages: its first tag. */
export function listName({ tags: [first] }: ListRequest): string {
  return first === undefined ? 'a list' : formatReference(first);
}

const combineLists: Combine = (failures) => {
  const [first, ...others] = failures;
  if (others.length === 0) return first;
  const messages = failures.map(({ message }) => message);
  const text = [`${failures.length} lists cannot be published:`, ...messages].join('\n');
  return new ActionError(first.code, text, { hint: first.hint, cause: first });
};
