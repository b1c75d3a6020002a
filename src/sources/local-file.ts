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

/** @throws SourceError when the file does not exist or cannot be read. */
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
 * @throws SourceError when it does not exist, is not a regular file, or is larger than `maxSize` bytes.
 */
export async function readLocalFile(file: LocalFile, maxSize: number): Promise<Buffer> {
  const stats = await statFile(file);
  if (!stats.isFile()) throw sourceError(file, 'SOURCE_FILE', `${quote(file.name)} is not a regular file`);
  if (stats.size > maxSize) {
    const message = `${quote(file.name)} has ${stats.size} bytes, more than the maximum of ${maxSize}`;
    throw sourceError(file, 'SOURCE_FILE', message);
  }
  try {
    return await readFile(file.path);
  } catch (error) {
    throw fileError(file, error);
  }
}

/** The entries of a directory, sorted by name, without those that start with a dot. */
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

/** An error of the file system as an error about the source; anything else is returned as it is. */
export function fileError(file: LocalFile, error: unknown): unknown {
  const code =
    error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const name = quote(file.name);
  if (isAbsent(error)) {
    return sourceError(file, 'SOURCE_FILE', `${name} does not exist`, {
      hint: `Check that an earlier step created or downloaded ${file.path}.`,
      cause: error,
    });
  }
  return sourceError(file, 'SOURCE_FILE', `${name} cannot be read (${code})`, {
    hint: `Check the permissions of ${file.path}.`,
    cause: error,
  });
}
