import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsent } from '../../run/errors.ts';
import { fileError, fileIn, type LocalFile, realPathOf } from '../local-file.ts';
import { sourceError } from '../source-error.ts';
import { chunkSize, type LayoutFiles } from './layout-files.ts';

/** An OCI image layout in a directory. Links are followed within it, since build tools use them for blobs. */
export class LayoutDirectory implements LayoutFiles {
  readonly line: number;
  readonly place: string | undefined;
  readonly name: string;
  readonly code = 'SOURCE_LAYOUT';
  readonly #directory: LocalFile;

  constructor(directory: LocalFile) {
    this.line = directory.line;
    this.place = directory.place;
    this.name = `oci:${directory.name}`;
    this.#directory = directory;
  }

  async size(path: string): Promise<number | undefined> {
    const file = fileIn(this.#directory, path);
    const stats = await stat(file.path).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw fileError(file, error);
    });
    if (stats === undefined) return undefined;
    await realPathOf(file, this.code);
    if (stats.isFile()) return stats.size;
    throw sourceError(this, this.code, `${this.name}: ${path} is not a regular file`);
  }

  async *open(path: string, offset: number): AsyncGenerator<Uint8Array> {
    const file = fileIn(this.#directory, path);
    const real = await realPathOf(file, this.code);
    try {
      yield* createReadStream(real, { start: offset, highWaterMark: chunkSize });
    } catch (error) {
      throw fileError(file, error);
    }
  }
}
