import type { Dirent, Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { quote } from '../oci/format-error.ts';
import { isAbsent } from '../run/errors.ts';
import { type LinePosition, sourceError } from './source-error.ts';

/** A file or directory that a source line names. */
export interface LocalFile extends LinePosition {
  /** Absolute. */
  readonly path: string;
  /** As the line writes it, for messages. */
  readonly name: string;
}

/** The file a line names by a path relative to the workspace. */
export function localFile({ line }: LinePosition, path: string, directory: string): LocalFile {
  return { line, path: resolve(directory, path), name: path };
}

/** A file in a directory. */
export function fileIn(directory: LocalFile, name: string): LocalFile {
  return {
    line: directory.line,
    path: resolve(directory.path, name),
    name: `${directory.name.replace(/[\\/]+$/, '')}/${name}`,
  };
}

/** @throws SourceError when there is nothing, or nothing that may be looked at. */
export async function statFile(file: LocalFile): Promise<Stats> {
  try {
    return await stat(file.path);
  } catch (error) {
    throw fileError(file, error);
  }
}

/**
 * Reads a file whole.
 *
 * @throws SourceError when it is absent, no regular file, or larger than `limit` bytes.
 */
export async function readLocalFile(file: LocalFile, limit: number): Promise<Buffer> {
  const stats = await statFile(file);
  if (!stats.isFile()) throw sourceError(file, 'SOURCE_FILE', `${quote(file.name)} is no regular file`);
  if (stats.size > limit) {
    const message = `${quote(file.name)} has ${stats.size} bytes; at most ${limit} are read`;
    throw sourceError(file, 'SOURCE_FILE', message);
  }
  try {
    return await readFile(file.path);
  } catch (error) {
    throw fileError(file, error);
  }
}

/** The entries of a directory, sorted by name; names that start with a dot are left out. */
export async function readLocalDirectory(directory: LocalFile): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(directory.path, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort(byName);
  } catch (error) {
    throw fileError(directory, error);
  }
}

function byName(a: Dirent, b: Dirent): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** The file system's error as one about the source; anything else comes back as it is. */
export function fileError(file: LocalFile, error: unknown): unknown {
  const code =
    error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const name = quote(file.name);
  if (isAbsent(error)) {
    return sourceError(file, 'SOURCE_FILE', `${name} does not exist`, {
      hint: `Looked for ${file.path}. Check that an earlier step made or downloaded it.`,
      cause: error,
    });
  }
  return sourceError(file, 'SOURCE_FILE', `${name} cannot be read (${code})`, {
    hint: `Tried ${file.path}.`,
    cause: error,
  });
}
