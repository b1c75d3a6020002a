import { parseDescriptor } from '../../oci/descriptor.ts';
import { quote } from '../../oci/format-error.ts';
import type { JsonObject } from '../../oci/json-document.ts';
import { isBuildRecord, isBuildResult, isBuildWithoutImage, parseBuildResult } from '../build-result.ts';
import type { Locator } from '../source.ts';

/** A source in a JSON document, as the text of a source line, or what is wrong in its place. */
export type JsonSource = { readonly path: string } & ({ readonly text: string } | { readonly flaw: string });

/** Whether a value is a source itself: a descriptor, or the metadata of a build. Other JSON lists sources. */
export function isSource(value: unknown): value is JsonObject {
  return isObject(value) && (isBuild(value) || ('mediaType' in value && 'digest' in value));
}

/** Reads an object that is a source itself; throws FormatError when it is malformed. */
export function locateObject(value: JsonObject): Locator {
  if (!isBuild(value)) return { kind: 'descriptor', descriptor: parseDescriptor(value) };
  const { digest, names } = parseBuildResult(value);
  const [name] = names;
  return name ? { kind: 'reference', ...name, digest } : { kind: 'digest', digest };
}

/**
 * Lists the sources in a JSON document in its order: every string, every descriptor and every build's metadata.
 *
 * Of a job in `toJSON(needs)`, only the outputs count, and a job that did not succeed is a flaw. So is null, which
 * stands in the place of a source. Numbers, booleans and what metadata says of the build itself are skipped. `path`:
 * where the value stands in the document, `''` for the whole.
 */
export function listSources(value: unknown, path: string): readonly JsonSource[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (value === null) return [{ path, flaw: 'is null, not a source' }];
  if (Array.isArray(value)) return value.flatMap((item, index) => listSources(item, `${path}[${index}]`));
  if (!isObject(value)) return [];
  if (isSource(value)) return [{ path, text: JSON.stringify(value) }];
  if (isJob(value)) return listJob(value, path);
  return Object.entries(value).flatMap(([key, item]) =>
    isBuildRecord(key) ? [] : listSources(item, joinPath(path, key)),
  );
}

function isBuild(value: JsonObject): boolean {
  return isBuildResult(value) || isBuildWithoutImage(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Job {
  readonly result: string;
  readonly outputs: JsonObject;
}

function isJob(value: object): value is Job {
  const { result, outputs } = value as Partial<Job>;
  return Object.keys(value).length === 2 && typeof result === 'string' && isObject(outputs);
}

function listJob({ result, outputs }: Job, path: string): readonly JsonSource[] {
  if (result === 'success') return listSources(outputs, joinPath(path, 'outputs'));
  return [{ path, flaw: `the job ended as ${quote(result)}, so its images are missing` }];
}

/** Writes JSON paths as jq and GitHub's expressions do, with quotes around unusual keys. */
function joinPath(path: string, key: string): string {
  if (!/^[\w-]{1,80}$/.test(key)) return `${path}[${quote(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
