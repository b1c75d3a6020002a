import { lstat, rm } from 'node:fs/promises';
import { familiarReference, type Reference } from '../oci/reference.ts';
import { isAbsent, messageOf } from '../run/errors.ts';
import { draftDirectory, draftsDirectory } from '../sources/resolve/draft-directory.ts';
import type { RunContext } from './run-context.ts';

/**
 * Removes the local drafts that `docker manifest create` left for exactly these tags, as `docker manifest push --purge`
 * does, and gives the tags whose drafts were removed. Links are never followed: one in a draft's place stays, one inside
 * is unlinked. Throws the file system's error when a draft cannot be removed.
 */
export async function purgeDrafts(tags: readonly Reference[], config: string): Promise<readonly string[]> {
  const drafts = await findDrafts(tags, config);
  for (const { directory } of drafts) await rm(directory, { recursive: true, force: true });
  return drafts.map(({ name }) => name);
}

interface Draft {
  readonly directory: string;
  /** The tag, as people write it. */
  readonly name: string;
}

/** The local drafts of exactly these tags in docker's configuration, each once, in the given order. */
export async function findDrafts(tags: readonly Reference[], config: string): Promise<readonly Draft[]> {
  if (tags.length === 0 || !(await isDirectory(draftsDirectory(config)))) return [];
  const names = new Map(tags.map((tag) => [draftDirectory(config, tag), familiarReference(tag)]));
  const drafts: Draft[] = [];
  for (const [directory, name] of names) if (await isDirectory(directory)) drafts.push({ directory, name });
  return drafts;
}

/** As {@link purgeDrafts}, after a push, which took effect: a draft that cannot be removed is a warning. */
export async function purgeAfterPush(
  tags: readonly Reference[],
  config: string,
  { observer }: Pick<RunContext, 'observer'>,
): Promise<readonly string[]> {
  try {
    const purged = await purgeDrafts(tags, config);
    for (const name of purged) observer.info(`Removed the local draft of ${name}`);
    return purged;
  } catch (error) {
    observer.warning(`A local draft could not be removed: ${messageOf(error)}`);
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
