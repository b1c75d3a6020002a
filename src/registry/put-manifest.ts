import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import type { Clock } from '../run/clock.ts';
import { ActionError, RegistryError } from '../run/errors.ts';
import type { Receipt, RegistryClient } from './client.ts';

/** What a manifest is pushed with. */
export interface ChildrenParts {
  readonly client: RegistryClient;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

/** Where a manifest goes: a repository, and a tag or digest there. */
export interface ManifestTarget {
  readonly repository: Repository;
  readonly name: string;
}

const missingChildCodes: ReadonlySet<string> = new Set([
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_UNKNOWN',
  'BLOB_UNKNOWN',
]);

/** Whether a registry refused a manifest for something under it that it does not know. */
export function isMissingChild(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.failure.codes.some((code) => missingChildCodes.has(code));
}

/** Longest time, in milliseconds, that a registry may take to see children it has just accepted. */
const childrenDelay = 30_000;

/**
 * Pushes a manifest, again while the registry does not yet see what it has just accepted under it. Throws
 * RegistryError CHILDREN_MISSING, naming the entries that the repository lacks, when it never does.
 */
export async function putManifestOnceChildrenAppear(
  manifest: Manifest,
  place: ManifestTarget,
  parts: ChildrenParts,
): Promise<Receipt> {
  const { repository, name } = place;
  try {
    return await untilChildrenAppear(() => parts.client.putManifest(repository, name, manifest), parts.clock);
  } catch (error) {
    throw isMissingChild(error) ? await childrenMissing(error, manifest, place, parts) : error;
  }
}

/** Puts a manifest again while the registry does not yet see what it has just accepted under it. */
export async function untilChildrenAppear<T>(
  put: () => Promise<T>,
  clock: ChildrenParts['clock'],
): Promise<T> {
  const end = clock.now() + childrenDelay;
  for (let pause = 500; ; pause = Math.min(pause * 2, 4000)) {
    try {
      return await put();
    } catch (error) {
      if (!isMissingChild(error) || clock.now() + pause > end) throw error;
      await clock.sleep(pause);
    }
  }
}

async function childrenMissing(
  cause: RegistryError,
  { content }: Manifest,
  { repository }: ManifestTarget,
  { client }: ChildrenParts,
): Promise<RegistryError> {
  const entries = content.kind === 'index' ? content.manifests.map(({ digest }) => digest) : [];
  const held = await Promise.all(entries.map((digest) => isHeld(digest, repository, client)));
  const missing = entries.filter((_, at) => held[at] === 'no');
  const named = missing.length === 0 ? '' : `; ${formatRepository(repository)} lacks ${missing.join(', ')}`;
  const message = `${cause.message}, for ${childrenDelay / 1000} s${named}`;
  return new RegistryError('CHILDREN_MISSING', message, cause.failure, {
    hint: 'Build and push the images again: a clean-up may have deleted them. If nothing is lacking, run the job again.',
    cause,
  });
}

async function isHeld(
  digest: Digest,
  repository: Repository,
  client: RegistryClient,
): Promise<'yes' | 'no' | 'unknown'> {
  try {
    return (await client.headManifest(repository, digest))?.digest === digest ? 'yes' : 'no';
  } catch (error) {
    if (error instanceof ActionError) return 'unknown';
    throw error;
  }
}
