import { formatBytes } from '../byte-size.ts';

/** How a blob came to be in the repository; `external`: it is not, and is read from elsewhere by its URLs. */
export type BlobOutcome = 'uploaded' | 'mounted' | 'present' | 'external';

/** Blobs of a copy by their outcome. */
export interface BlobCounts {
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs mounted from another repository of the registry. */
  readonly mounted: number;
  readonly skipped: number;
}

const noBlobs: BlobCounts = { blobs: 0, bytes: 0, mounted: 0, skipped: 0 };

/** The counts for one blob of this size; an external blob is not counted. */
export function countOf(outcome: BlobOutcome, size: number): BlobCounts {
  return {
    blobs: outcome === 'uploaded' ? 1 : 0,
    bytes: outcome === 'uploaded' ? size : 0,
    mounted: outcome === 'mounted' ? 1 : 0,
    skipped: outcome === 'present' ? 1 : 0,
  };
}

/** The sum of all counts. */
export function sumOf(counts: readonly BlobCounts[]): BlobCounts {
  const add = (one: BlobCounts, other: BlobCounts): BlobCounts => ({
    blobs: one.blobs + other.blobs,
    bytes: one.bytes + other.bytes,
    mounted: one.mounted + other.mounted,
    skipped: one.skipped + other.skipped,
  });
  return counts.reduce(add, noBlobs);
}

/** For log lines: `5 blobs, 48.2 MB (2 mounted, 1 already there)`. */
export function describeCounts({ blobs, bytes, mounted, skipped }: BlobCounts): string {
  const all = blobs + mounted + skipped;
  const notes = [
    ...(mounted > 0 ? [`${mounted} mounted`] : []),
    ...(skipped > 0 ? [`${skipped} already there`] : []),
  ];
  const aside = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  const size = bytes === 0 ? '' : `, ${formatBytes(bytes)}`;
  return `${all} ${all === 1 ? 'blob' : 'blobs'}${size}${aside}`;
}
