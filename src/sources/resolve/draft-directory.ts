import { join } from 'node:path';
import { formatReference, type Reference } from '../../oci/reference.ts';

/**
 * The directory in docker's configuration directory that contains the local draft of a manifest list. Its name is the
 * list's long reference with `/` → `_` and `:` → `-`; it has one JSON file for each source, named in the same way.
 * (github.com/docker/cli, cli/manifest/store)
 */
export function draftDirectory(dockerConfig: string, list: Reference): string {
  const name = formatReference(list).replaceAll(':', '-').replaceAll('/', '_');
  return join(draftsDirectory(dockerConfig), name);
}

/** The directory of all drafts. */
export function draftsDirectory(dockerConfig: string): string {
  return join(dockerConfig, 'manifests');
}
