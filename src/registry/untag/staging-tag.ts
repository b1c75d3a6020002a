import { type HttpResponse, header, maxShortBody } from '../../http/message.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { manifestAccept } from '../../oci/media-types.ts';
import type { Repository } from '../../oci/reference.ts';
import { ConflictError } from '../../run/errors.ts';
import type { RegistryClient } from '../client.ts';
import type { RegistryRequest } from '../registry-request.ts';

/** A tag to remove, and the manifest that it must still hold then. */
export interface StagingTag {
  readonly repository: Repository;
  readonly tag: string;
  readonly manifest: Manifest;
}

/**
 * Removes a tag and nothing else. Resolves when the registry says that the tag is gone, also when it was gone before;
 * throws ActionError when the registry does not remove it.
 */
export type TagRemover = (tag: StagingTag) => Promise<void>;

/**
 * What a removal looks at before it is tried again: the answer to return when the tag is gone already. Throws
 * ConflictError TAG_CHANGED unless the tag still holds its manifest, since a repeated removal would hit another
 * manifest then.
 */
export function unlessGone(
  client: RegistryClient,
  { repository, tag, manifest }: StagingTag,
): NonNullable<RegistryRequest['alreadyApplied']> {
  return async () => {
    const response = await client.send({
      method: 'HEAD',
      repository,
      target: `/v2/${repository.path}/manifests/${tag}`,
      headers: { accept: manifestAccept },
      maxBodyBytes: maxShortBody,
      actions: ['pull'],
      tries: 'one',
    });
    if (response.status === 404) return goneAnswer(response);
    if (header(response.headers, 'docker-content-digest') === manifest.digest) return undefined;
    throw new ConflictError(
      'TAG_CHANGED',
      'After a failed removal, the tag may hold another manifest',
      { hint: 'Remove the tag by hand if nothing needs it.' },
    );
  };
}

function goneAnswer(response: HttpResponse): HttpResponse {
  return { ...response, status: 404, body: new Uint8Array() };
}
