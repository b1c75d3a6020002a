import type { Dirent } from 'node:fs';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { quote } from '../../oci/format-error.ts';
import { formatRepository } from '../../oci/reference.ts';
import { ActionError, type SourceError } from '../../run/errors.ts';
import { maxSources } from '../input/problem-list.ts';
import {
  fileIn,
  type LocalFile,
  localFile,
  readLocalDirectory,
  readLocalFile,
  realPathOf,
  statFile,
} from '../local-file.ts';
import type { Located, Resolved, SourceContext } from '../source.ts';
import { sourceError } from '../source-error.ts';
import { fetchDigest } from './digest.ts';

/** Bytes of a file of digests: more than {@link maxSources} lines of sha512. */
const maxFileSize = 1024 * 1024;

/**
 * Resolves `digests:DIR`: every file in the directory and its subdirectories (one level) names digests in the one
 * repository of all targets.
 *
 * A file is either empty with a digest as its name (`4f53…`, `sha256-4f53…` or `sha256:4f53…`), as in the recipe of
 * docker/build-push-action, or contains digests, one per line. actions/download-artifact creates subdirectories for
 * several artifacts without `merge-multiple`. Names that start with a dot are skipped. The result is sorted by path and
 * has each digest of a file once. Throws SourceError for other files, and when there is no digest.
 */
export async function resolveDigests(
  line: Located<'digests'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  const directory = localFile(line, line.locator.path, context.directory);
  const found = await collect(directory);
  const results = await Promise.allSettled(found.map(({ digest }) => fetchDigest(line, digest, context)));
  const failures = found.flatMap(({ label: file }, at) => {
    const result = results[at];
    return result?.status === 'rejected' ? [{ file, error: result.reason as unknown }] : [];
  });
  const bad = failures.find(
    ({ error }) => !(error instanceof ActionError && error.code === 'SOURCE_MISSING'),
  );
  if (bad !== undefined) throw bad.error;
  if (failures.length > 0) throw notInRepository(line, found.length, failures, context);
  return results.flatMap((result, at) =>
    result.status === 'fulfilled'
      ? [{ ...result.value, label: found[at]?.label ?? '', directory: directory.name }]
      : [],
  );
}

function notInRepository(
  line: Located<'digests'>,
  count: number,
  missing: readonly { readonly file: string; readonly error: unknown }[],
  { repository }: SourceContext,
): SourceError {
  const [first] = missing;
  const held = count - missing.length;
  const holds = `${quote(line.locator.path)} has ${count} ${count === 1 ? 'digest' : 'digests'}`;
  const some = held === 0 ? 'and none is' : `${held} of them ${held === 1 ? 'is' : 'are'}`;
  const where = `${some} in ${repository && formatRepository(repository)}`;
  const others = missing.length === 1 ? '' : ` and ${missing.length - 1} more`;
  const message = `${holds}, ${where}; missing: ${quote(first?.file ?? '')}${others}`;
  return sourceError(line, 'SOURCE_MISSING', message, { hint: mixedHint, cause: first?.error });
}

const mixedHint =
  'Check the artifacts: a `pattern` that also fits those of another image downloads its digests too. Otherwise, check that ' +
  'the builds push to the repository of the tags, and end before this step.';

interface Found {
  readonly digest: Digest;
  readonly label: string;
}

async function collect(directory: LocalFile): Promise<readonly Found[]> {
  const found: Found[] = [];
  const flaws: string[] = [];
  for (const file of await listFiles(directory)) {
    const digests = await readDigests(file);
    if (typeof digests === 'string') flaws.push(`${quote(file.name)} ${digests}`);
    else for (const digest of new Set(digests)) found.push({ digest, label: file.name });
  }
  const [flaw, ...others] = flaws;
  const more = others.length === 0 ? '' : `; ${others.length} more files are not digests either`;
  if (flaw !== undefined) throw digestsError(directory, flaw + more);
  if (found.length <= maxSources) return found;
  throw digestsError(directory, `${quote(directory.name)} has more than ${maxSources} digests`);
}

async function listFiles(directory: LocalFile): Promise<readonly LocalFile[]> {
  if ((await statFile(directory)).isFile()) return [directory];
  const nested = (await readSome(directory)).map(async (entry) => {
    const file = fileIn(directory, entry.name);
    return entry.isDirectory() ? (await readSome(file)).map(({ name }) => fileIn(file, name)) : file;
  });
  return (await Promise.all(nested)).flat();
}

async function readSome(directory: LocalFile): Promise<readonly Dirent[]> {
  const entries = await readLocalDirectory(directory);
  if (entries.length === 0) throw digestsError(directory, `${quote(directory.name)} is empty`);
  if (entries.length <= maxSources) return entries;
  throw digestsError(directory, `${quote(directory.name)} has more than ${maxSources} files`);
}

async function readDigests(file: LocalFile): Promise<readonly Digest[] | string> {
  await realPathOf(file);
  if ((await statFile(file)).isDirectory()) return 'is a directory nested too deep';
  const named = digestFrom(file.path.split(/[\\/]/).at(-1) ?? '');
  const lines = (await readLocalFile(file, maxFileSize))
    .toString('utf8')
    .split('\n')
    .map((text) => text.trim());
  const held = lines.filter((text) => text !== '').map(digestFrom);
  if (held.length === 0) return named ? [named] : 'is empty, and its name is not a digest';
  if (!held.every((digest) => digest !== undefined)) return named ? foreignContent : neither;
  return named && held.some((digest) => digest !== named)
    ? 'has one digest as its name and another as its content'
    : held;
}

const neither = 'has no digest as its name, and its content is not digests, one per line';
const foreignContent = 'has a digest as its name, but other content (for an image layout, write oci:DIR)';

/** Reads `sha256:…`, `sha256-…` or the bare hexadecimal digits. */
function digestFrom(text: string): Digest | undefined {
  const spelled = text.replace(/^(sha256|sha512)-/, '$1:');
  const algorithm = text.length === 128 ? 'sha512' : 'sha256';
  const digest = spelled.includes(':') ? spelled : `${algorithm}:${spelled}`;
  return isDigest(digest) ? digest : undefined;
}

function digestsError(directory: LocalFile, message: string): SourceError {
  return sourceError(directory, 'SOURCE_DIGESTS', message, {
    hint:
      'In each build, create an empty file named by the hexadecimal part of the digest, and upload its directory; in the ' +
      'merge job, download all of them into one (actions/download-artifact with `pattern` and `merge-multiple: true`).',
  });
}
