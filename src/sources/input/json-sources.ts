import { quote } from '../../oci/format-error.ts';
import { isBuildRecord, isBuildResult } from '../build-result.ts';

/** A value in a JSON document that is a source, or that cannot be one. */
export type Leaf = { readonly path: string } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'descriptor'; readonly value: Fields }
  | { readonly kind: 'build'; readonly value: Fields }
  | { readonly kind: 'flaw'; readonly message: string }
);

type Fields = Readonly<Record<string, unknown>>;

/**
 * Finds the sources in a JSON document, in its order.
 *
 * Every string is one, wherever it stands. An object with `mediaType` and `digest` is a descriptor, one with
 * `containerimage.digest` the metadata of a build. Of a job in `toJSON(needs)`, the outputs count, and a job that
 * did not succeed is a flaw; so is null, which stands where a source was meant to be. Numbers and booleans, and
 * what build metadata tells of the build itself, are passed over.
 *
 * @param path where the value stands in the document, `''` for the whole
 */
export function* findLeaves(value: unknown, path: string): Generator<Leaf> {
  if (typeof value === 'string') yield { kind: 'text', path, text: value };
  else if (value === null) yield { kind: 'flaw', path, message: 'is null, not a source' };
  else if (typeof value !== 'object') return;
  else if (Array.isArray(value)) yield* findInArray(value, path);
  else yield* findInObject(value as Fields, path);
}

function* findInArray(values: readonly unknown[], path: string): Generator<Leaf> {
  for (const [index, value] of values.entries()) yield* findLeaves(value, `${path}[${index}]`);
}

function* findInObject(fields: Fields, path: string): Generator<Leaf> {
  if (isBuildResult(fields)) yield { kind: 'build', path, value: fields };
  else if ('mediaType' in fields && 'digest' in fields) yield { kind: 'descriptor', path, value: fields };
  else if (isJob(fields)) yield* findInJob(fields, path);
  else {
    for (const [key, value] of Object.entries(fields)) {
      if (!isBuildRecord(key)) yield* findLeaves(value, joinPath(path, key));
    }
  }
}

/** Whether this is a job in the `needs` context: its outputs, and how it ended. */
function isJob(fields: Fields): boolean {
  const { result, outputs } = fields;
  return Object.keys(fields).length === 2 && typeof result === 'string' && isFields(outputs);
}

function isFields(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* findInJob(job: Fields, path: string): Generator<Leaf> {
  if (job['result'] === 'success') {
    yield* findLeaves(job['outputs'], joinPath(path, 'outputs'));
    return;
  }
  const message = `the job ended as ${quote(String(job['result']))}, so what it was to build is missing`;
  yield { kind: 'flaw', path, message };
}

/** JSON paths are written as jq and the expression language do, with quotes round unusual keys. */
function joinPath(path: string, key: string): string {
  if (!/^[\w-]{1,80}$/.test(key)) return `${path}[${quote(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
