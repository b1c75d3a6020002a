import type { Repository } from '../oci/reference.ts';

/** The remedy and the cause of a failure. */
export interface ActionErrorOptions {
  /** Tells users what to type or check, in one or two sentences. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly repository?: Repository | undefined;
}

/**
 * An expected failure, shown as a headline and a hint.
 * Anything thrown that is not an ActionError is a bug of this action.
 */
export class ActionError extends Error {
  override readonly name: string = 'ActionError';
  /** Stable identifier, the heading to look for in docs/TROUBLESHOOTING.md. */
  readonly code: string;
  readonly hint: string | undefined;
  declare readonly repository?: Repository;

  constructor(code: string, message: string, options: ActionErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    if (options.repository !== undefined) this.repository = options.repository;
  }
}

/** One thing that is wrong with one input. */
export interface InputProblem {
  /** The input's name as action.yml spells it. */
  readonly input: string;
  /** 1-based line within the input; absent for the input as a whole. */
  readonly line?: number | undefined;
  readonly message: string;
}

/** Problems that a message has: a spec of a few hundred kilobytes can have thousands. */
const maxProblems = 50;

/** Every problem found in the inputs, all at once; the message has the first ones, and the number of the others. */
export class InputError extends ActionError {
  override readonly name = 'InputError';
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[], options: ActionErrorOptions = {}) {
    const more = problems.length - maxProblems;
    const lines = problems.slice(0, maxProblems).map(formatProblem);
    super('INPUT', [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'), options);
    this.problems = problems;
  }
}

function formatProblem(problem: InputProblem): string {
  const place = problem.line === undefined ? problem.input : `${problem.input} line ${problem.line}`;
  return `${place}: ${problem.message}`;
}

/** A source that is missing, unauthorised, or not what it was said to be. */
export class SourceError extends ActionError {
  override readonly name = 'SourceError';
}

/** Two things the user asked for that cannot both hold. */
export class ConflictError extends ActionError {
  override readonly name = 'ConflictError';
}

/** The facts about a request that a registry answered with a failure. */
export interface RegistryFailure {
  readonly method: string;
  /** The URL without its query and userinfo. */
  readonly url: string;
  readonly status: number;
  /** The registry's own error codes, such as `MANIFEST_UNKNOWN`, already made harmless. */
  readonly codes: readonly string[];
  /** Milliseconds that the host asked to wait, when that is too long to be waited out. */
  readonly wait?: number | undefined;
}

/** A registry's refusal or failure, after all retries. */
export class RegistryError extends ActionError {
  override readonly name: string = 'RegistryError';
  readonly failure: RegistryFailure;

  constructor(code: string, message: string, failure: RegistryFailure, options: ActionErrorOptions = {}) {
    super(code, message, options);
    this.failure = failure;
  }
}

/** A refused login or a token that does not reach: names scope and where the credential came from. */
export class AuthError extends ActionError {
  override readonly name = 'AuthError';
}

/** No answer, or none that could be trusted to come from the host that was asked. */
export class NetworkError extends ActionError {
  override readonly name = 'NetworkError';
}

/** Bytes that are not the bytes their digest names. */
export class IntegrityError extends ActionError {
  override readonly name = 'IntegrityError';
}

/** The registry does not serve what was pushed. */
export class VerifyError extends ActionError {
  override readonly name = 'VerifyError';
}

/**
 * A copy of the failure with the context before its message, and the failure as its cause; class, code, hint and all
 * other fields stay. A bug is returned unchanged.
 */
export function withContext(context: string, error: unknown): unknown {
  return error instanceof ActionError ? copyOf(error, `${context}: ${error.message}`) : error;
}

/** A copy of the failure with another hint, and the failure as its cause; class, code and all other fields stay. */
export function withHint(failure: ActionError, hint: string): ActionError {
  return Object.assign(copyOf(failure, failure.message), { hint });
}

function copyOf(failure: ActionError, message: string): ActionError {
  const copy = Object.assign(new ActionError(failure.code, message, { cause: failure }), failure);
  // Each class has a constructor of its own, so the class is set afterwards.
  return Object.setPrototypeOf(copy, Object.getPrototypeOf(failure) as object) as ActionError;
}

/** The result of a job, or the failure that it throws; a bug is thrown. */
export function orFailure<T>(job: Promise<T>): Promise<T | ActionError> {
  return job.catch((error: unknown) => {
    if (error instanceof ActionError) return error;
    throw error;
  });
}

/** Makes one failure of several; there is at least one. */
export type Combine = (failures: readonly [ActionError, ...ActionError[]]) => ActionError;

/** Several errors as one to throw: the first bug if there is any, else what `combine` makes of the failures. */
export function combined(errors: readonly unknown[], combine: Combine): unknown {
  const [first, ...others] = errors.filter((error) => error instanceof ActionError);
  if (first === undefined || others.length + 1 < errors.length) {
    return errors.find((error) => !(error instanceof ActionError));
  }
  return combine([first, ...others]);
}

/** Waits for all jobs, also when some fail, so that no request outlives them; throws their combined errors. */
export async function waitForAll<T>(jobs: readonly Promise<T>[], combine: Combine): Promise<readonly T[]> {
  const results = await Promise.allSettled(jobs);
  const errors = results.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (errors.length > 0) throw combined(errors, combine);
  return results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the file system has no file or directory with this name, or cannot have one. */
export function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
