import { algorithmOf, type Digest, encodedOf } from '../../oci/digest.ts';
import type { ActionErrorOptions, SourceError } from '../../run/errors.ts';
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
export function layoutFile({ line, place, code, name }: LayoutFiles, path: string): SourceSubject {
  return { line, place, code, name: `${name}: ${path}` };
}

/** An error about a layout. */
export function layoutError(files: LayoutFiles, message: string, options?: ActionErrorOptions): SourceError {
  return sourceError(files, files.code, `${files.name}: ${message}`, options);
}
