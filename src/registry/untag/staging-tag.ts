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
 * Removes a tag and nothing else. Resolves when the registry says that the tag no longer exists, also if it did not
 * exist before; throws ActionError when the registry does not remove it.
 */
export type TagRemover = (tag: StagingTag) => Promise<void>;

/**
 * The check before a removal is repeated: returns the response if the tag no longer exists. Throws ConflictError
 * TAG_CHANGED unless the tag still holds its manifest, because a repeated removal would affect another manifest.
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
    throw new ConflictError('TAG_CHANGED', 'After a failed removal, the tag may hold another manifest', {
      hint: 'Remove the tag by hand if nothing needs it.',
    });
  };
}

function goneAnswer(response: HttpResponse): HttpResponse {
  return { ...response, status: 404, body: new Uint8Array() };
}
