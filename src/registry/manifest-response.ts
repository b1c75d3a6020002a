import { failureOf, type HttpResponse, header } from '../http/message.ts';
import { algorithmOf, digestOf, isDigest } from '../oci/digest.ts';
import { FormatError, unquoted } from '../oci/format-error.ts';
import { DigestMismatchError, type Manifest, parseManifest } from '../oci/manifest.ts';
import type { Repository } from '../oci/reference.ts';
import { IntegrityError, RegistryError } from '../run/errors.ts';
import { formatTarget } from './refusal.ts';

const maxReads = 3;

/** Reads again, three times in all, while the bytes do not match their digest. */
export async function rereadOnMismatch<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof IntegrityError) || attempt === maxReads) throw error;
    }
  }
}

/**
 * The manifest in an answer, its bytes compared with the requested and the stated digest. Throws IntegrityError for
 * other bytes, RegistryError BAD_MANIFEST for bytes that are not a manifest.
 */
export function manifestOf(response: HttpResponse, repository: Repository, name: string): Manifest {
  const { body, headers } = response;
  const stated = header(headers, 'docker-content-digest');
  if (stated !== undefined && isDigest(stated) && digestOf(body, algorithmOf(stated)) !== stated) {
    throw corrupted(repository, name);
  }
  try {
    return parseManifest(body, header(headers, 'content-type'), isDigest(name) ? name : undefined);
  } catch (error) {
    if (error instanceof DigestMismatchError) throw corrupted(repository, name);
    if (!(error instanceof FormatError)) throw error;
    const cause =
      response.answeredBy === 'elsewhere' ? new FormatError(unquoted(error.message), error.expected) : error;
    const message = `${formatTarget(repository, name)}: ${cause.message}`;
    throw new RegistryError('BAD_MANIFEST', message, failureOf('GET', response), {
      hint: `Expected ${error.expected}.`,
      cause,
    });
  }
}

/** The error for bytes that do not match their digest. */
export function corrupted(repository: Repository, name: string): IntegrityError {
  const message = `${repository.registry} served other bytes of ${formatTarget(repository, name)} than its digest names`;
  return new IntegrityError('CORRUPTED', message, {
    hint: 'Check the registry and the proxies in front of it: three reads in a row gave wrong bytes. None of them were used.',
  });
}
