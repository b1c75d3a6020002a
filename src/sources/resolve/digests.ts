import type { Dirent } from 'node:fs';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { quote } from '../../oci/format-error.ts';
import type { SourceError } from '../../run/errors.ts';
import { sourceLimit } from '../input/problem-list.ts';
import {
  fileIn,
  type LocalFile,
  localFile,
  readLocalDirectory,
  readLocalFile,
  statFile,
} from '../local-file.ts';
import type { Located, Resolved, SourceContext } from '../source.ts';
import { sourceError } from '../source-error.ts';
import { fetchDigest } from './digest.ts';

/** Bytes of a file of digests that are read: more than {@link sourceLimit} lines of sha512. */
const fileLimit = 1024 * 1024;

/**
 * Resolves `digests:DIR`: every file in the directory, and in directories directly in it, names digests in the
 * repository that all targets share.
 *
 * A file is either empty and named by a digest (`4f53…`, `sha256-4f53…` or `sha256:4f53…`), as the recipe for
 * docker/build-push-action leaves it, or holds digests, one a line. Directories in the directory are what
 * actions/download-artifact makes of several artifacts without `merge-multiple`. Names that start with a dot are
 * passed over. Members come sorted by path; a digest that is named twice comes once.
 *
 * @throws SourceError when anything else is there, or no digest at all.
 */
export async function resolveDigests(
  line: Located<'digests'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  const directory = localFile(line, line.locator.path, context.directory);
  const found = await collect(directory);
  return Promise.all(
    [...found].map(async ([digest, label]) => ({ ...(await fetchDigest(line, digest, context)), label })),
  );
}

/** Digest → the file that names it. */
type Found = ReadonlyMap<Digest, string>;

async function collect(directory: LocalFile): Promise<Found> {
  const found = new Map<Digest, string>();
  const flaws: string[] = [];
  for (const file of await listFiles(directory)) {
    const digests = await readDigests(file);
    if (typeof digests === 'string') flaws.push(`${quote(file.name)} ${digests}`);
    else for (const digest of digests) if (!found.has(digest)) found.set(digest, file.name);
  }
  if (flaws.length > 0) throw digestsError(directory, summarize(flaws));
  if (found.size <= sourceLimit) return found;
  throw digestsError(directory, `${quote(directory.name)} names more than ${sourceLimit} digests`);
}

function summarize([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first}; ${others.length} more files are no digests either`;
}

async function listFiles(directory: LocalFile): Promise<readonly LocalFile[]> {
  if ((await statFile(directory)).isFile()) return [directory];
  const nested = await Promise.all(
    (await readSome(directory)).map((entry) =>
      entry.isDirectory() ? listNested(directory, entry) : fileIn(directory, entry.name),
    ),
  );
  return nested.flat();
}

async function listNested(directory: LocalFile, { name }: Dirent): Promise<readonly LocalFile[]> {
  const artifact = fileIn(directory, name);
  return (await readSome(artifact)).map((entry) => fileIn(artifact, entry.name));
}

async function readSome(directory: LocalFile): Promise<readonly Dirent[]> {
  const entries = await readLocalDirectory(directory);
  if (entries.length === 0) throw digestsError(directory, `${quote(directory.name)} is empty`);
  if (entries.length <= sourceLimit) return entries;
  throw digestsError(directory, `${quote(directory.name)} holds more than ${sourceLimit} files`);
}

/** The digests a file names, or what is wrong with it. */
async function readDigests(file: LocalFile): Promise<readonly Digest[] | string> {
  if ((await statFile(file)).isDirectory()) return 'is a directory too deep';
  const named = digestFrom(file.path.split(/[\\/]/).at(-1) ?? '');
  const lines = (await readLocalFile(file, fileLimit))
    .toString('utf8')
    .split('\n')
    .map((text) => text.trim());
  const held = lines.filter((text) => text !== '').map(digestFrom);
  if (held.length === 0) return named ? [named] : 'is empty, and its name is no digest';
  if (!held.every((digest) => digest !== undefined)) return named ? foreignContent : neither;
  return named && held.some((digest) => digest !== named) ? 'is named by one digest and holds another' : held;
}

const neither = 'is neither named by a digest nor does it hold digests, one a line';
const foreignContent = 'is named by a digest, but holds something else (for an image layout, write oci:DIR)';

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
      'Each build leaves an empty file named by the hexadecimal part of its digest in a directory and uploads that; ' +
      'the merge job downloads all of them into one (actions/download-artifact with `pattern`, `merge-multiple: true`).',
  });
}
