import type { Repository } from '../../oci/reference.ts';
import { openUpload } from '../blobs/upload-session.ts';
import type { RegistryClient } from '../client.ts';
import { empty, emptyContent } from '../placeholder.ts';

/** Pushes the content of placeholders, two bytes, to a repository. */
export async function providePlaceholderContent(
  client: RegistryClient,
  repository: Repository,
): Promise<void> {
  if (await client.hasBlob(repository, empty.digest)) return;
  const session = await openUpload(client, repository);
  await session.finish(empty, emptyContent, empty.size);
}
