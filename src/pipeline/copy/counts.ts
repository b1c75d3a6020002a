import { formatBytes } from '../byte-size.ts';

/** What became of a blob; `left` is one that lives outside registries and stays there. */
export type BlobOutcome = 'uploaded' | 'mounted' | 'present' | 'left';

/** What became of some blobs. */
export interface BlobCounts {
  /** Uploaded blobs. */
  readonly blobs: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Blobs that the registry took over from another repository of its own. */
  readonly mounted: number;
  /** Blobs that were there already. */
  readonly skipped: number;
}

/** Counts nothing. */
export const noBlobs: BlobCounts = { blobs: 0, bytes: 0, mounted: 0, skipped: 0 };

/** What one blob of this size adds; one that stays outside registries adds nothing. */
export function countOf(fate: BlobOutcome, size: number): BlobCounts {
  switch (fate) {
    case 'uploaded':
      return { ...noBlobs, blobs: 1, bytes: size };
    case 'mounted':
      return { ...noBlobs, mounted: 1 };
    case 'present':
      return { ...noBlobs, skipped: 1 };
    case 'left':
      return noBlobs;
  }
}

/** All counts together. */
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
  return `${all} ${all === 1 ? 'blob' : 'blobs'}, ${formatBytes(bytes)}${aside}`;
}
