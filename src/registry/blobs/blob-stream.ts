import { bytesPassed } from '../../http/buffer-collection.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { DigestVerifier } from '../../oci/digest.ts';
import { FormatError } from '../../oci/format-error.ts';
import { IntegrityError, NetworkError } from '../../run/errors.ts';

/** A blob to read from wherever it is. */
export interface BlobOrigin {
  readonly descriptor: Descriptor;
  /** For messages: where it is read from. */
  readonly name: string;
  /** Opens the bytes from an offset on. */
  readonly open: (offset: number) => AsyncIterable<Uint8Array>;
  /** Whether a broken read goes on where it stopped, or ends the stream. */
  readonly interrupted: 'resume' | 'fail';
}

/** What reading a blob may use. */
export interface BlobStreamParts {
  /** Told of each piece, in bytes, before it is handed on. */
  readonly onBytes: (count: number) => void;
  /** Ends the stream with its reason. */
  readonly signal: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const maxResumptions = 4;
const resumptionPause = 500;

/**
 * A blob's bytes, of which the last piece is handed on only once all of them have the descriptor's size and
 * digest: nobody ever holds the whole of a wrong blob.
 * Throws IntegrityError, or NetworkError for a read that broke too often.
 */
export async function* verifiedBlob(
  origin: BlobOrigin,
  parts: BlobStreamParts,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { size } = origin.descriptor;
  const verifier = new DigestVerifier(origin.descriptor);
  let seen = 0;
  for await (const chunk of resuming(origin, parts)) {
    parts.signal.throwIfAborted();
    believe(origin, () => verifier.update(chunk));
    seen += chunk.byteLength;
    if (seen === size && chunk.byteLength > 0) believe(origin, () => verifier.finish());
    parts.onBytes(chunk.byteLength);
    bytesPassed(chunk.byteLength);
    yield chunk;
  }
  if (seen < size || size === 0) believe(origin, () => verifier.finish());
}

function believe(origin: BlobOrigin, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new IntegrityError('CORRUPTED', `${origin.name}: ${error.message}`, {
      hint: 'What was read is not what the digest stands for. The source, or something between, is broken; nothing was taken from it.',
      cause: error,
    });
  }
}

// Opening already tries again by itself: only a read that got somewhere is taken up again.
async function* resuming(origin: BlobOrigin, parts: BlobStreamParts): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (let resumptions = 0; ; resumptions += 1) {
    const start = offset;
    try {
      for await (const chunk of origin.open(start)) {
        offset += chunk.byteLength;
        yield chunk;
      }
      return;
    } catch (error) {
      const isPassing = error instanceof NetworkError && offset > start;
      if (!isPassing || origin.interrupted === 'fail' || resumptions === maxResumptions) throw error;
      await parts.sleep(resumptionPause);
    }
  }
}
