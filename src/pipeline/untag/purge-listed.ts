import type { Descriptor } from '../../oci/descriptor.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatReference } from '../../oci/reference.ts';
import { type StagingTag, tagName } from '../../registry/untag/staging-tag.ts';
import { ActionError } from '../../run/errors.ts';
import { TreeLimits } from '../../sources/tree-limits.ts';
import type { TargetTag } from '../request.ts';
import type { KeptManifest } from './kept-content.ts';
import {
  type PurgeContext,
  type PurgedTag,
  purgeTags,
  type RehearsedTag,
  rehearseTags,
  type TagRemoval,
  warnOf,
} from './purge-tags.ts';

type FoundTag = { readonly tag: TargetTag } & (
  | { readonly manifest: Manifest; readonly children: readonly KeptManifest[] }
  | { readonly removal: TagRemoval }
);

/** The result of removing a tag, or of asking whether it would be removed. */
export type ListedTag = PurgedTag | RehearsedTag;

/**
 * Removes tags that a user lists, with any content; a tag that does not exist is not an error. Their manifests, and the
 * images of lists among them, must still exist afterwards. A tag that cannot be read completely, or that the registry
 * does not remove, stays and is a warning. Throws VerifyError CONTENT_REMOVED. A dry run asks: see rehearseTags.
 */
export async function purgeListed(
  tags: readonly TargetTag[],
  mode: 'purge' | 'dry-run',
  context: PurgeContext,
): Promise<readonly ListedTag[]> {
  const found = await Promise.all(tags.map((tag) => findTag(tag, mode, context)));
  warnOf(
    found.filter((each) => 'removal' in each),
    context,
  );
  const staging = found.flatMap((each) =>
    'manifest' in each ? [{ ...each.tag, manifest: each.manifest }] : [],
  );
  const kept = found.flatMap((each) => ('children' in each ? each.children : []));
  const done: readonly ListedTag[] =
    mode === 'purge' ? await purgeTags(staging, kept, context) : await rehearseTags(staging, context);
  const byName = new Map(done.map((each) => [tagName(each.tag), each]));
  return found.flatMap((each) => ('removal' in each ? each : (byName.get(tagName(each.tag)) ?? [])));
}

async function findTag(tag: TargetTag, mode: 'purge' | 'dry-run', context: PurgeContext): Promise<FoundTag> {
  const { client, observer } = context;
  try {
    const manifest = await client.findManifest(tag.repository, tag.tag);
    if (manifest === undefined) {
      observer.info(`${formatReference(tag)} does not exist`);
      return { tag, removal: { state: 'absent' } };
    }
    const children = mode === 'purge' ? await childrenOf({ ...tag, manifest }, context) : [];
    return { tag, manifest, children };
  } catch (error) {
    if (error instanceof ActionError) return { tag, removal: { state: 'refused', error } };
    throw error;
  }
}

/** The manifests of a list that exist in its repository. */
async function childrenOf({ repository, tag, manifest }: StagingTag, { client }: PurgeContext) {
  const { content } = manifest;
  if (content.kind === 'image') return [];
  const name = formatReference({ repository, tag });
  new TreeLimits(name, 'Remove this tag by hand.').enter(content, 1);
  const read = ({ digest, size }: Descriptor) => client.findManifest(repository, digest, size);
  const children = await Promise.all(content.manifests.map(read));
  return children.flatMap((child) => (child === undefined ? [] : [{ repository, manifest: child }]));
}
