import { FormatError } from '../oci/format-error.ts';
import { type ActionErrorOptions, SourceError } from '../run/errors.ts';

/** What a source's errors are about: enough of a source line to name it. */
export interface SourcePlace {
  readonly line: number;
}

/** Codes of what can be wrong with a source that is no registry's doing. */
export type SourceErrorCode =
  | 'SOURCE_REPOSITORY'
  | 'SOURCE_DESCRIPTOR'
  | 'SOURCE_FILE'
  | 'SOURCE_DIGESTS'
  | 'SOURCE_METADATA'
  | 'SOURCE_LAYOUT'
  | 'SOURCE_ARCHIVE'
  | 'SOURCE_DRAFT'
  | 'SOURCE_DRAFT_STALE';

/** An error about a source, its message led by the line that names the source. */
export function sourceError(
  { line }: SourcePlace,
  code: SourceErrorCode,
  message: string,
  options: ActionErrorOptions = {},
): SourceError {
  return new SourceError(code, `sources line ${line}: ${message}`, options);
}

/** Turns a FormatError into an error about `name`; anything else comes back as it is. */
export function formatFlaw(place: SourcePlace, code: SourceErrorCode, name: string, error: unknown): unknown {
  if (!(error instanceof FormatError)) return error;
  return sourceError(place, code, `${name}: ${error.message}`, {
    hint: `Expected: ${error.expected}.`,
    cause: error,
  });
}
