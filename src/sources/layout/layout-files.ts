import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf } from '../../oci/digest.ts';
import { type ActionErrorOptions, isAbsent, type SourceError } from '../../run/errors.ts';
import { fileError, fileIn, type LocalFile, realPathOf } from '../local-file.ts';
import { type SourceSubject, sourceError } from '../source-error.ts';

/** The files of an OCI image layout, in a directory or in an archive. */
export interface LayoutFiles extends SourceSubject {
  /** For messages: `oci:out`, `oci-archive:app.tar`. */
  readonly name: string;
  readonly code: 'SOURCE_LAYOUT' | 'SOURCE_ARCHIVE';
  /** The size in bytes of a file, by its path in the layout; undefined when the file is missing. */
  size(path: string): Promise<number | undefined>;
  /** Reads a file from byte `offset` on. Each iteration reads it again. */
  open(path: string, offset: number): AsyncIterable<Uint8Array>;
}

/** Bytes per read: half of it is 50 % slower, twice of it uses 30 MB more memory. */
export const chunkSize: number = 128 * 1024;

/** The path of a blob in a layout (OCI image-spec 1.1, image-layout.md "Blobs"). */
export function blobPath(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${encodedOf(digest)}`;
}

/** A file of a layout as the subject of an error. */
export function layoutFile({ line, place, code, name }: SourceSubject, path: string): SourceSubject {
  return { line, place, code, name: `${name}: ${path}` };
}

/** An error about a layout. */
export function layoutError(of: SourceSubject, message: string, options?: ActionErrorOptions): SourceError {
  return sourceError(of, of.code, `${of.name}: ${message}`, options);
}

/** The annotation that names an entry (OCI image-spec 1.1, image-layout.md "index.json file"). */
export const refName = 'org.opencontainers.image.ref.name';

/** The annotation in which containerd and docker write the whole reference. */
export const imageName = 'io.containerd.image.name';

/** The names of an entry of index.json. */
export function namesOf({ annotations }: Descriptor): readonly string[] {
  return [annotations?.[refName], annotations?.[imageName]].filter((name) => name !== undefined);
}

/** Whether a name is a reference with this tag; a colon before the last slash belongs to a port. */
export function hasTag(tag: string): (name: string) => boolean {
  return (name) => name.slice(name.lastIndexOf('/') + 1).endsWith(`:${tag}`);
}

/** An OCI image layout in a directory. Links are followed within it, since build tools use them for blobs. */
export function layoutDirectory(directory: LocalFile): LayoutFiles {
  const { line, place } = directory;
  const layout = { line, place, name: `oci:${directory.name}`, code: 'SOURCE_LAYOUT' } as const;
  return {
    ...layout,
    size: async (path) => {
      const file = fileIn(directory, path);
      const stats = await stat(file.path).catch((error: unknown) => {
        if (isAbsent(error)) return undefined;
        throw fileError(file, error);
      });
      if (stats === undefined) return undefined;
      await realPathOf(file, layout.code);
      if (stats.isFile()) return stats.size;
      throw layoutError(layout, `${path} is not a regular file`);
    },
    async *open(path, offset) {
      const file = fileIn(directory, path);
      const real = await realPathOf(file, layout.code);
      try {
        yield* createReadStream(real, { start: offset, highWaterMark: chunkSize });
      } catch (error) {
        throw fileError(file, error);
      }
    },
  };
}
