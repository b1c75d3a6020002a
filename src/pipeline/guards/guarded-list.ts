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

/** The entries that clients choose from: those of the list, or the single image that is tagged. */
export function publishedEntries({ manifest: { content }, members }: GuardedList): readonly Descriptor[] {
  return content.kind === 'index' ? content.manifests : members.map(({ descriptor }) => descriptor);
}
