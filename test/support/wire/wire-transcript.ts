/** The requests to one test server, for assertions and snapshots. */
import type { IncomingHttpHeaders } from 'node:http';

export type AuthorizationKind = 'none' | 'basic' | 'bearer' | 'other';

export interface WireEntry {
  /** 1-based, in order of arrival. */
  readonly number: number;
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly authorization: AuthorizationKind;
  readonly headers: IncomingHttpHeaders;
  /** 1-based number of the connection it came on. */
  readonly connection: number;
  /** How many requests were being answered when it came, itself included. */
  readonly concurrent: number;
  /** The name of the fault it met, if any. */
  fault?: string;
  /** The status, or what happened instead of an answer; undefined while it is being answered. */
  outcome?: number | string;
  /** Bytes of request body that were read. */
  received: number;
}

/**
 * How parallel requests are put in a stable order.
 * - `grouped`: neighbours of one kind (manifest reads; blobs and manifests by digest; tag writes) are sorted among
 *   themselves: the order of the kinds is shown
 * - `sorted`: everything sorted, each different line once
 */
export type TranscriptOrder = 'grouped' | 'sorted';

/** One line a request: `GET /v2/app/manifests/1 200 (bearer)`. */
export function renderTranscript(entries: readonly WireEntry[], order: TranscriptOrder = 'grouped'): string {
  if (order === 'sorted') return sortedLines(entries, true).join('\n');
  return groups(entries)
    .map((group) => sortedLines(group, false).join('\n'))
    .join('\n\n');
}

function sortedLines(entries: readonly WireEntry[], unique: boolean): string[] {
  const lines = entries.map(renderEntry).sort();
  return unique ? [...new Set(lines)] : lines;
}

function renderEntry(entry: WireEntry): string {
  const authority = entry.authorization === 'none' ? '' : ` (${entry.authorization})`;
  return `${entry.method} ${stablePath(entry.path)} ${entry.outcome ?? 'unfinished'}${authority}`;
}

/** Upload sessions have random names and states. */
function stablePath(path: string): string {
  return path.replace(/(\/blobs\/uploads\/)[^?/]+/, '$1<upload>').replace(/_state=[^&]*/, '_state=<state>');
}

function groups(entries: readonly WireEntry[]): WireEntry[][] {
  const all: WireEntry[][] = [];
  let kind: string | undefined;
  for (const entry of entries) {
    const own = kindOf(entry);
    if (own !== undefined && own !== kind) all.push([]);
    if (own === undefined && all.length === 0) all.push([]);
    kind = own ?? kind;
    all.at(-1)?.push(entry);
  }
  return all;
}

/** Token requests belong to whatever they are made for, so they are of no kind. */
function kindOf(entry: WireEntry): string | undefined {
  if (!entry.path.startsWith('/v2/')) return undefined;
  if (entry.path.includes('/blobs/') && entry.method !== 'GET') return 'content';
  if (entry.method === 'GET' || entry.method === 'HEAD') return 'reads';
  if (entry.method === 'DELETE') return 'removals';
  return /\/manifests\/sha\d+:/.test(entry.path) ? 'content' : 'tags';
}
