import { type HttpResponse, header, redacted } from '../http/message.ts';
import { algorithmOf, digestOf, isDigest } from '../oci/digest.ts';
import { FormatError } from '../oci/format-error.ts';
import { DigestMismatchError, type Manifest, parseManifest } from '../oci/manifest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { IntegrityError, RegistryError } from '../run/errors.ts';

const integrityTries = 3;

/** Reads again, three times in all, what came with other bytes than its digest names. */
export async function rereadOnMismatch<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof IntegrityError) || attempt === integrityTries) throw error;
    }
  }
}

/**
 * The manifest in an answer, its bytes compared with the digest that was asked for or is stated. Throws
 * IntegrityError for other bytes, RegistryError BAD_MANIFEST for what is no manifest.
 */
export function manifestOf(response: HttpResponse, repository: Repository, name: string): Manifest {
  const said = header(response.headers, 'docker-content-digest');
  if (said !== undefined && isDigest(said) && digestOf(response.body, algorithmOf(said)) !== said) {
    throw corrupted(repository, name);
  }
  try {
    return parseManifest(
      response.body,
      header(response.headers, 'content-type'),
      isDigest(name) ? name : undefined,
    );
  } catch (error) {
    if (error instanceof DigestMismatchError) throw corrupted(repository, name);
    if (!(error instanceof FormatError)) throw error;
    const failure = { method: 'GET', url: redacted(response.url), status: response.status, codes: [] };
    throw new RegistryError(
      'BAD_MANIFEST',
      `${formatRepository(repository)} (${name}): ${error.message}`,
      failure,
      {
        hint: `Expected ${error.expected}.`,
        cause: error,
      },
    );
  }
}

/** The error for bytes that are not those their digest names. */
export function corrupted(repository: Repository, name: string): IntegrityError {
  return new IntegrityError(
    'CORRUPTED',
    `${repository.registry} serves other bytes than the digest it names: ${repository.path} (${name})`,
    {
      hint: 'What was read is not what the digest stands for, three times in a row. A proxy or the registry is broken; nothing was taken from it.',
    },
  );
}
