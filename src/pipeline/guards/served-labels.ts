import { parseConfig } from '../../oci/config.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { HeldManifest } from '../../oci/manifest.ts';
import { isConfigType } from '../../oci/media-types.ts';
import type { Repository } from '../../oci/reference.ts';
import { isChoosable } from '../../policy/puller.ts';
import type { LabelledImage } from '../../policy/revision-mismatch.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { harmless, type ServedContent, type Unreadable } from './served-content.ts';

/** Maximum images of one list whose labels are read: its author is not known. */
const maxImages = 64;

/**
 * Reads the labels of the images that a tag serves, none of a very long list. Others may have pushed the content, so
 * registry failures and flaws are returned, not thrown.
 */
export async function servedLabels(
  repository: Repository,
  { content, ...manifest }: HeldManifest,
  { served, client }: { readonly served: ServedContent; readonly client: Pick<RegistryClient, 'getBlob'> },
): Promise<readonly LabelledImage[] | Unreadable> {
  const entries = content.kind === 'index' ? content.manifests.filter(isChoosable) : [manifest];
  if (entries.length > maxImages) return [];
  const read = async ({ digest, platform }: Pick<Descriptor, 'digest' | 'platform'>) => {
    const image = await served.manifestOf(repository, digest);
    if ('kind' in image) return image;
    const config = image.content.kind === 'image' ? image.content.config : undefined;
    if (config === undefined || !isConfigType(config.mediaType)) return [];
    return harmless(async () => {
      const stated = parseConfig(await client.getBlob(repository, config));
      return [{ platform: platform ?? stated.platform, labels: stated.labels }];
    });
  };
  const found = await Promise.all(entries.map(read));
  return found.find((each) => 'kind' in each) ?? found.flatMap((each) => ('kind' in each ? [] : each));
}
