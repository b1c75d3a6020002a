import type { Descriptor } from '../../oci/descriptor.ts';
import { DigestVerifier } from '../../oci/digest.ts';
import { FormatError } from '../../oci/format-error.ts';
import type { Clock } from '../../run/clock.ts';
import { IntegrityError, NetworkError } from '../../run/errors.ts';

/** A blob to read, wherever it is. */
export interface BlobSource {
  readonly descriptor: Descriptor;
  readonly name: string;
  readonly open: (offset: number) => AsyncIterable<Uint8Array>;
  /** Whether a broken read goes on where it stopped, or fails. */
  readonly interrupted: 'resume' | 'fail';
}

/** The services that reading a blob uses. */
export interface BlobStreamContext {
  /** Gets the size of each piece, in bytes, before it is passed on. */
  readonly onBytes: (count: number) => void;
  /** Ends the stream with its reason. */
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'sleep'>;
}

const maxResumptions = 4;
const resumptionPause = 500;

/**
 * A blob's bytes. The last piece comes only after all of them matched the descriptor's size and digest, so that no
 * reader ever gets the whole of a wrong blob. Throws IntegrityError, or NetworkError for a read that broke too often.
 */
export async function* verifiedBlob(
  source: BlobSource,
  context: BlobStreamContext,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { size } = source.descriptor;
  const verifier = new DigestVerifier(source.descriptor);
  let seen = 0;
  for await (const chunk of resuming(source, context)) {
    context.signal.throwIfAborted();
    asIntegrityError(source, () => verifier.update(chunk));
    seen += chunk.byteLength;
    if (seen === size && chunk.byteLength > 0) asIntegrityError(source, () => verifier.finish());
    context.onBytes(chunk.byteLength);
    yield chunk;
  }
  if (seen < size || size === 0) asIntegrityError(source, () => verifier.finish());
}

function asIntegrityError(source: BlobSource, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new IntegrityError('CORRUPTED', `${source.name}: ${error.message}`, {
      hint: 'Check the source and the proxies in front of it: the bytes do not match their digest. None of them were used.',
      cause: error,
    });
  }
}

// Opening retries by itself, so only a read that made progress is resumed.
async function* resuming(source: BlobSource, { clock }: BlobStreamContext): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (let resumptions = 0; ; resumptions += 1) {
    const start = offset;
    try {
      for await (const chunk of source.open(start)) {
        offset += chunk.byteLength;
        yield chunk;
      }
      return;
    } catch (error) {
      const isTemporary = error instanceof NetworkError && offset > start;
      if (!isTemporary || source.interrupted === 'fail' || resumptions === maxResumptions) throw error;
      await clock.sleep(resumptionPause);
    }
  }
}
