import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatReference } from '../oci/reference.ts';
import { type PreviousTag, type PreviousTags, previousDigest } from './previous-tags.ts';
import type { TargetTag } from './request.ts';
import type { RunContext } from './run-context.ts';

/** A tag that a dry run did not write. */
interface UntouchedTag extends TargetTag {
  /** The digest it holds; absent when there is no such tag, or when it could not be read. */
  readonly previous?: Digest | undefined;
  readonly state: 'dry-run';
}

/** Logs for each tag what it holds and what a push would change; writes nothing. */
export async function untouchedTags(
  manifest: Manifest,
  tags: readonly TargetTag[],
  previous: PreviousTags,
  { observer }: Pick<RunContext, 'observer'>,
): Promise<readonly UntouchedTag[]> {
  const found = await Promise.all(tags.map(async (tag) => ({ tag, held: await previous.of(tag) })));
  for (const { tag, held } of found) observer.info(describeTag(manifest, tag, held));
  return found.map(({ tag, held }) => ({ ...tag, previous: previousDigest(held), state: 'dry-run' }));
}

function describeTag(manifest: Manifest, tag: TargetTag, held: PreviousTag): string {
  const name = formatReference(tag);
  return held === manifest.digest
    ? `${name} already holds ${manifest.digest}`
    : `${name}: ${held ?? 'new'} → ${manifest.digest}, not written`;
}
