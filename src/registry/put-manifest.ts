import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import type { Clock } from '../run/clock.ts';
import { ActionError, orFailure, RegistryError } from '../run/errors.ts';
import { pollUntil } from '../run/poll.ts';
import type { Receipt, RegistryClient } from './client.ts';

interface PutContext {
  readonly client: RegistryClient;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

/** The target of a manifest: a repository, and a tag or digest there. */
interface ManifestTarget {
  readonly repository: Repository;
  readonly name: string;
  /** Called before each further attempt; throws to prevent it. */
  readonly beforeRepeat?: (() => Promise<void>) | undefined;
}

const missingChildCodes: ReadonlySet<string> = new Set([
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_UNKNOWN',
  'BLOB_UNKNOWN',
]);

/** Whether a registry refused a manifest because it does not know something the manifest refers to, or may not know it. */
export function isMissingChild(error: unknown): error is RegistryError {
  if (!(error instanceof RegistryError)) return false;
  const { method, status, codes } = error.failure;
  // Gitea answers 404, also when two pushes collide.
  const isLost = method === 'PUT' && status === 404 && !codes.includes('NAME_UNKNOWN');
  return isLost || codes.some((code) => missingChildCodes.has(code));
}

/** Milliseconds that a registry may take to see children it has just accepted. */
const maxChildrenDelay = 30_000;

/**
 * Pushes a manifest, and again while the registry does not yet see the children it has just accepted, as Nexus does
 * (https://github.com/estesp/manifest-tool/issues/191). When it never does, throws RegistryError CHILDREN_MISSING, naming
 * the entries or the subject missing in the repository; NOT_FOUND if it said no more than that, and none is missing.
 */
export async function putManifestOnceChildrenAppear(
  manifest: Manifest,
  target: ManifestTarget,
  { client, clock }: PutContext,
): Promise<Receipt> {
  const { repository, name, beforeRepeat } = target;
  let isRepeated = false;
  const retryUntil = clock.now() + maxChildrenDelay;
  const outcome = await pollUntil<Receipt | RegistryError>(clock, { first: 500, max: 4000 }, async () => {
    if (isRepeated) await beforeRepeat?.();
    isRepeated = true;
    try {
      return { result: await client.putManifest(repository, name, manifest, beforeRepeat) };
    } catch (error) {
      if (isMissingChild(error)) return { retryUntil, otherwise: () => error };
      throw error;
    }
  });
  if (!(outcome instanceof RegistryError)) return outcome;
  throw await childrenMissing(outcome, manifest, repository, client);
}

async function childrenMissing(
  cause: RegistryError,
  { content }: Manifest,
  repository: Repository,
  client: RegistryClient,
): Promise<RegistryError> {
  const listed = content.kind === 'index' ? content.manifests : [];
  const entries = [...listed, ...(content.subject ? [content.subject] : [])].map(({ digest }) => digest);
  const held = await Promise.all(entries.map((digest) => isHeld(digest, repository, client)));
  const missing = entries.filter((_, at) => held[at] === 'no');
  if (missing.length === 0 && cause.code === 'NOT_FOUND') return cause;
  const where =
    missing.length === 0 ? '' : `; missing in ${formatRepository(repository)}: ${missing.join(', ')}`;
  const message = `${cause.message}, for ${maxChildrenDelay / 1000} s${where}`;
  return new RegistryError('CHILDREN_MISSING', message, cause.failure, {
    hint: 'Build and push the images again: a clean-up may have deleted them. If nothing is missing, run the job again.',
    cause,
  });
}

async function isHeld(digest: Digest, repository: Repository, client: RegistryClient) {
  const head = await orFailure(client.headManifest(repository, digest));
  if (head instanceof ActionError) return 'unknown';
  return head?.digest === digest ? 'yes' : 'no';
}
