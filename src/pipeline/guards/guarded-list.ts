import type { Descriptor } from '../../oci/descriptor.ts';
import type { Manifest } from '../../oci/manifest.ts';
import type { Member } from '../member.ts';
import type { ListRequest } from '../request.ts';

/** A list that is assembled and about to be published. */
export interface GuardedList {
  readonly request: Pick<ListRequest, 'tags' | 'removedPlatforms' | 'immutableTags'>;
  readonly manifest: Manifest;
  readonly members: readonly Member[];
}

/** What clients will choose from: the entries of the list, or a single image that is tagged as it is. */
export function publishedEntries({ manifest: { content }, members }: GuardedList): readonly Descriptor[] {
  return content.kind === 'index' ? content.manifests : members.map(({ descriptor }) => descriptor);
}
