import { join } from 'node:path';
import { formatReference, type Reference } from '../../oci/reference.ts';

/**
 * Where docker's CLI keeps the local draft of a manifest list: a directory in its configuration directory, named by
 * the list's long reference with `/` → `_` and `:` → `-`. It holds one JSON file for each source, named likewise.
 * (github.com/docker/cli, cli/manifest/store)
 */
export function draftDirectory(dockerConfig: string, list: Reference): string {
  const name = formatReference(list).replaceAll(':', '-').replaceAll('/', '_');
  return join(draftsDirectory(dockerConfig), name);
}

/** The directory that holds all drafts. */
export function draftsDirectory(dockerConfig: string): string {
  return join(dockerConfig, 'manifests');
}
