import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { quote } from '../oci/format-error.ts';
import { isAbsent } from '../run/errors.ts';
import { readStart } from '../run/small-file.ts';
import { foreignForm } from './explanation.ts';
import { type LinePosition, sourceError } from './source-error.ts';

/** A file or directory that a source line names. */
export interface LocalFile extends LinePosition {
  /** Absolute. */
  readonly path: string;
  /** As the line writes it, for messages. */
  readonly name: string;
  /** Absolute: the directory that the line names, for a file in it. */
  readonly root?: string;
}

/** The file a line names by a path relative to the workspace. */
export function localFile({ line, place }: LinePosition, path: string, directory: string): LocalFile {
  return { line, place, path: resolve(directory, path), name: path };
}

/** A file in a directory. */
export function fileIn(directory: LocalFile, name: string): LocalFile {
  return {
    line: directory.line,
    place: directory.place,
    path: resolve(directory.path, name),
    name: `${directory.name.replace(/[\\/]+$/, '')}/${name}`,
    root: directory.root ?? directory.path,
  };
}

/** Throws SourceError when the file does not exist or cannot be read. */
export async function statFile(file: LocalFile): Promise<Stats> {
  try {
    return await stat(file.path);
  } catch (error) {
    throw fileError(file, error);
  }
}

/**
 * The path of a file or directory without links. They may lead to neighbours: into the directory that the line names
 * or, for a file that it names itself, into the directory of that file. An artifact of another job could otherwise have
 * any file of the runner read. Throws SourceError when it does not exist, or when a link leads out of that directory.
 */
export async function realPathOf(
  file: LocalFile,
  code: 'SOURCE_FILE' | 'SOURCE_LAYOUT' | 'SOURCE_ARCHIVE' = 'SOURCE_FILE',
): Promise<string> {
  try {
    const path = await realPathWithin(file.path, file.root ?? dirname(file.path));
    if (path !== undefined) return path;
  } catch (error) {
    throw fileError(file, error);
  }
  throw sourceError(file, code, `${quote(file.name)} is a link that leads out of its directory`, {
    hint: 'Replace the link by the file itself: links in artifacts are followed only within their directory.',
  });
}

/** The path without links, or undefined when they lead out of the directory `root`. */
export async function realPathWithin(path: string, root: string): Promise<string | undefined> {
  const [real, within] = await Promise.all([realpath(path), realpath(root)]);
  const way = relative(within, real);
  return /^\.\.(?:[\\/]|$)/.test(way) || isAbsolute(way) ? undefined : real;
}

/** Reads a file whole. Throws SourceError unless it is a regular file of at most `maxSize` bytes. */
export async function readLocalFile(file: LocalFile, maxSize: number): Promise<Buffer> {
  if (!(await statFile(file)).isFile())
    throw sourceError(file, 'SOURCE_FILE', `${quote(file.name)} is not a regular file`);
  const path = await realPathOf(file);
  try {
    const bytes = await readStart(path, maxSize + 1);
    if (bytes.byteLength <= maxSize) return bytes;
  } catch (error) {
    throw fileError(file, error);
  }
  const message = `${quote(file.name)} has more than the maximum of ${maxSize} bytes`;
  throw sourceError(file, 'SOURCE_FILE', message);
}

/** The entries of a directory, sorted by name, without those that start with a dot. */
export async function readLocalDirectory(directory: LocalFile): Promise<readonly Dirent[]> {
  // The line may name a directory by any link.
  const path = directory.root === undefined ? directory.path : await realPathOf(directory);
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const shown = entries.filter(({ name }) => !name.startsWith('.'));
    return shown.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw fileError(directory, error);
  }
}

/** An error of the file system as an error about the source; anything else is returned as it is. */
export function fileError(file: LocalFile, error: unknown): unknown {
  const code =
    error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const name = quote(file.name);
  if (isAbsent(error)) {
    const form = foreignForm(file.name, 'paths');
    const hint = form && `${form.message}. Expected: ${form.expected}.`;
    return sourceError(file, 'SOURCE_FILE', `${name} does not exist`, {
      hint: hint ?? `Check that an earlier step created or downloaded ${file.path}.`,
      cause: error,
    });
  }
  return sourceError(file, 'SOURCE_FILE', `${name} cannot be read (${code})`, {
    hint: `Check the permissions of ${file.path}.`,
    cause: error,
  });
}
