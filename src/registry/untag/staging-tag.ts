import type { Manifest } from '../../oci/manifest.ts';
import { canonicalRegistry, formatReference, type Reference, type Repository } from '../../oci/reference.ts';
import { reachOf } from '../../run/reach.ts';

/** A tag to remove, and the manifest that it must still hold then. */
export interface StagingTag {
  readonly repository: Repository;
  readonly tag: string;
  readonly manifest: Manifest;
}

/**
 * One text for all spellings of a repository: a default port and the names of this machine on one port make no
 * difference. Repositories that differ only in the ports 80 and 443 count as one, because the scheme is not known.
 */
export function repositoryIdentity({ registry, path }: Repository): string {
  const url = new URL(`https://${registry}`);
  const host = reachOf(url) === 'loopback' ? 'localhost' : canonicalRegistry(url.hostname);
  const port = url.port === '' || url.port === '80' ? '' : `:${url.port}`;
  return `${host}${port}/${path}`;
}

/** One text for all spellings of a tag. */
export function tagIdentity({ repository, tag }: Reference): string {
  return `${repositoryIdentity(repository)}:${tag}`;
}

/** A tag as messages name it, without what else is known of it. */
export function tagName({ repository, tag = '' }: Reference): string {
  return formatReference({ repository, tag });
}
