/** Blob endpoints (OCI distribution-spec, "Pulling blobs", "Deleting Blobs"). */

import { type Answer, requestHeader, type WireRequest } from '../wire/wire.ts';
import { Refusal } from './registry-errors.ts';
import { isDigestText } from './registry-names.ts';
import type { RepositoryStore, StoredBlob } from './registry-store.ts';

export interface BlobCall {
  readonly request: WireRequest;
  readonly repository: RepositoryStore;
  readonly digest: string;
}

export function answerBlob({ request, repository, digest }: BlobCall): Answer {
  if (!isDigestText(digest)) throw new Refusal(400, 'DIGEST_INVALID', `invalid digest ${digest}`);
  const blob = repository.blobs.get(digest);
  if (blob === undefined) throw new Refusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry', { digest });
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return readBlob(request, blob, digest);
    case 'DELETE':
      repository.blobs.delete(digest);
      return { status: 202, headers: {} };
    default:
      throw new Refusal(405, 'UNSUPPORTED', 'The operation is unsupported.');
  }
}

function readBlob(request: WireRequest, blob: StoredBlob, digest: string): Answer {
  const range = parseRange(requestHeader(request, 'range'), blob.size);
  if (range === 'unsatisfiable') return { status: 416, headers: { 'content-range': `bytes */${blob.size}` } };
  const { start, end } = range ?? { start: 0, end: blob.size };
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(end - start),
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    ...(range !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${blob.size}` }),
  };
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD') return { status, headers };
  if (blob.read === undefined) throw new Refusal(500, 'UNKNOWN', 'the blob was discarded on arrival');
  return { status, headers, body: streamed(blob.read(start, end)) };
}

async function* streamed(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield* source;
}

interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** One range in bytes (RFC 9110 §14.1.2); several ranges or another unit are ignored. */
function parseRange(value: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(value ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return start >= size || end <= start ? 'unsatisfiable' : { start, end };
}
