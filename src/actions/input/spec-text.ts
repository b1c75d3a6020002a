import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { quote } from '../../oci/format-error.ts';
import { isAbsent } from '../../run/errors.ts';
import { readStart } from '../../run/small-file.ts';
import type { Runner } from '../../runner/runner.ts';
import { realPathWithin } from '../../sources/local-file.ts';
import type { InputReader } from './input-reader.ts';

/** The parts of the runner that locate a spec file. */
export type SpecDirectory = Pick<Runner, 'environment' | 'directory'>;

/** A spec of this size has ten thousand lines; the parser's tree is about a hundred times larger. */
export const maxSpecLength: number = 512 * 1024;

/**
 * The text of the `spec` input: the YAML itself, or the content of the file that it names by a path relative to the
 * workspace. A path is a single line that is not a mapping or a list. As with other local files, a link must not point
 * outside the file's directory. Undefined for a file that cannot be read; the reader gets a problem.
 */
export async function readSpecText(
  reader: InputReader,
  { environment, directory }: SpecDirectory,
): Promise<string | undefined> {
  const text = reader.text('spec');
  const name = text.trim();
  const isPath = !/[\n\r]|:\s|:$|^-\s|^-$|^[[{]/.test(name);
  if (!isPath) return text;
  const path = resolve(environment['GITHUB_WORKSPACE'] || directory, name);
  const read = await readFile(path);
  if (typeof read === 'string') return read;
  reader.refuse('spec', undefined, `${quote(name)} ${read.flaw}`);
  return undefined;
}

async function readFile(path: string): Promise<string | { readonly flaw: string }> {
  try {
    if (!(await stat(path)).isFile()) return { flaw: 'is not a regular file' };
    const real = await realPathWithin(path, dirname(path));
    if (real === undefined) return { flaw: 'is a link that leads out of its directory' };
    const bytes = await readStart(real, maxSpecLength + 1);
    return bytes.toString('utf8');
  } catch (error) {
    if (isAbsent(error)) return { flaw: 'does not exist; write a path in the workspace, or the YAML itself' };
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    return { flaw: `cannot be read (${code})` };
  }
}
