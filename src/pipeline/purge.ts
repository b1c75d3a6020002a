import { lstat, rm } from 'node:fs/promises';
import { familiarReference, type Reference } from '../oci/reference.ts';
import { isAbsent, messageOf } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { draftDirectory, draftsDirectory } from '../sources/resolve/draft-directory.ts';
import { type PublishRequest, referenceOf } from './request.ts';
import type { Verified } from './verify.ts';

/**
 * Removes the local drafts that `docker manifest create` left for exactly these tags, as
 * `docker manifest push --purge` does, so that the next create starts from nothing.
 *
 * Only real directories are removed: where a symbolic link or a file stands in a draft's place, it stays. Links
 * inside a draft are unlinked, never followed.
 *
 * @returns the tags whose drafts were there and are gone, as people write them; each once, in the given order
 * @throws the file system's error when a draft is there and cannot be removed.
 */
export async function purgeDrafts(
  tags: readonly Reference[],
  dockerConfig: string,
): Promise<readonly string[]> {
  if (!(await isDirectory(draftsDirectory(dockerConfig)))) return [];
  const drafts = new Map(tags.map((tag) => [draftDirectory(dockerConfig, tag), familiarReference(tag)]));
  const purged: string[] = [];
  for (const [directory, name] of drafts) {
    if (!(await isDirectory(directory))) continue;
    await rm(directory, { recursive: true, force: true });
    purged.push(name);
  }
  return purged;
}

/** What purging works with. */
export interface PurgeParts {
  /** The docker configuration directory. */
  readonly dockerConfig: string;
  readonly observer: Observer;
}

/**
 * Purges when the request says so and every tag was read back; returns what was removed. What cannot be removed
 * is a warning, for the push stands.
 */
export async function purgeAfterPush(
  verified: Pick<Verified, 'state'>,
  request: Pick<PublishRequest, 'tags' | 'drafts'>,
  parts: PurgeParts,
): Promise<readonly string[]> {
  if (request.drafts === 'keep' || verified.state !== 'read') return [];
  try {
    const purged = await purgeDrafts(request.tags.map(referenceOf), parts.dockerConfig);
    for (const name of purged) parts.observer.info(`Removed the local draft of ${name}`);
    return purged;
  } catch (error) {
    const reason = messageOf(error);
    parts.observer.warning(`A local draft could not be removed: ${reason}`);
    return [];
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
