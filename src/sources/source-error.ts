import { FormatError, unquoted } from '../oci/format-error.ts';
import type { Repository } from '../oci/reference.ts';
import { type ActionError, type ActionErrorOptions, SourceError } from '../run/errors.ts';

/** A line of the `sources` input, 1-based, or the position of another source. */
export interface LinePosition {
  readonly line: number;
  /** The position as text for messages; `sources line` and the line number when absent. */
  readonly place?: string | undefined;
}

/** The position of a source, as text for the beginning of messages. */
export function placeOf({ line, place = `sources line ${line}` }: LinePosition): string {
  return place;
}

/** The subject of an error: a source line, and the file or document that it names. */
export interface SourceSubject extends LinePosition {
  readonly code: SourceErrorCode;
  readonly name: string;
}

type SourceErrorCode =
  | 'SOURCE_REPOSITORY'
  | 'SOURCE_DESCRIPTOR'
  | 'SOURCE_FILE'
  | 'SOURCE_DIGESTS'
  | 'SOURCE_METADATA'
  | 'SOURCE_LAYOUT'
  | 'SOURCE_ARCHIVE'
  | 'SOURCE_DRAFT'
  | 'SOURCE_DRAFT_STALE'
  | 'SOURCE_MISSING'
  | 'SOURCE_NOT_AN_IMAGE'
  | 'SOURCE_PLACEHOLDER'
  | 'PLATFORM_UNKNOWN'
  | 'PLATFORM_MISSING'
  | 'INDEX_INCONSISTENT'
  | 'NO_ENTRIES';

/** An error about a source; its message begins with the source's position. */
export function sourceError(
  position: LinePosition,
  code: SourceErrorCode,
  message: string,
  options: ActionErrorOptions = {},
): SourceError {
  return new SourceError(code, `${placeOf(position)}: ${message}`, options);
}

/** The failure of a request for a source as an error about that source. */
export function requestError(
  position: LinePosition,
  label: string,
  cause: ActionError,
  repository?: Repository,
): SourceError {
  const message = `${placeOf(position)}: ${label}: ${cause.message}`;
  return new SourceError(cause.code, message, { hint: cause.hint, cause, repository });
}

/** A FormatError as an error about `subject`, with a hint that begins with `remedy`; anything else is returned as it is. */
export function asSourceError(error: unknown, subject: SourceSubject, remedy = 'Create it again.'): unknown {
  if (!(error instanceof FormatError)) return error;
  const hint = `${remedy} Expected: ${error.expected}.`;
  return sourceError(subject, subject.code, `${subject.name}: ${error.message}`, { hint, cause: error });
}

/**
 * Runs `parse` on a file's content; throws a FormatError of it as {@link asSourceError} does, without the texts that
 * its message quotes: the line may name any file, such as a key.
 */
export function parseSource<T>(subject: SourceSubject, parse: () => T, remedy?: string): T {
  try {
    return parse();
  } catch (error) {
    const shown =
      error instanceof FormatError ? new FormatError(unquoted(error.message), error.expected) : error;
    throw asSourceError(shown, subject, remedy);
  }
}
