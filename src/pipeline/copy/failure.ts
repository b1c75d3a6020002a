import {
  ActionError,
  AuthError,
  ConflictError,
  IntegrityError,
  NetworkError,
  RegistryError,
  SourceError,
} from '../../run/errors.ts';

const kinds = [AuthError, ConflictError, IntegrityError, NetworkError, SourceError] as const;

/** The same failure, its message led by what was being done; bugs stay as they are. */
export function failedAt(place: string, error: unknown): unknown {
  if (!(error instanceof ActionError)) return error;
  const { code, hint } = error;
  const message = `${place}: ${error.message}`;
  const options = { hint, cause: error };
  if (error instanceof RegistryError) return new RegistryError(code, message, error.failure, options);
  const Kind = kinds.find((kind) => error instanceof kind) ?? ActionError;
  return new Kind(code, message, options);
}

/** Why a copy ends that did not fail itself. */
export const stopped = new ActionError('STOPPED', 'Stopped, because another copy failed');

/** The failure of several targets as one, or the only one; a bug goes before all. */
export function failureOfAll(errors: readonly unknown[]): unknown {
  const bug = errors.find((error) => !(error instanceof ActionError));
  if (bug !== undefined) return bug;
  const own = errors.filter((error) => error instanceof ActionError && error.code !== stopped.code);
  const [first, ...others] = own as readonly ActionError[];
  if (first === undefined || others.length === 0) return first ?? stopped;
  const lines = [first, ...others].map((error) => error.message);
  return new ActionError(
    'COPY_FAILED',
    `${lines.length} targets could not be copied to:\n${lines.join('\n')}`,
    {
      hint: first.hint,
      cause: first,
    },
  );
}
