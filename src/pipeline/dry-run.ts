import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatReference } from '../oci/reference.ts';
import { type PreviousTag, type PushParts, previousDigest } from './push.ts';
import { referenceOf, type TargetTag } from './request.ts';

/** A tag that a dry run left as it is. */
export interface UntouchedTag extends TargetTag {
  /** What it holds; absent when there is no such tag. */
  readonly previous?: Digest | undefined;
  readonly state: 'dry-run';
}

/** What a dry run looks at, and where it tells of it. */
export type DryRunParts = Pick<PushParts, 'previous' | 'observer'>;

/** What the tags hold, told beside what they would hold, for a run that writes nothing. */
export async function untouchedTags(
  manifest: Manifest,
  tags: readonly TargetTag[],
  parts: DryRunParts,
): Promise<readonly UntouchedTag[]> {
  const heads = await Promise.all(tags.map((target) => parts.previous.get(nameOf(target))));
  for (const [at, target] of tags.entries()) parts.observer.info(wouldBe(manifest, target, heads[at]));
  return tags.map((target, at) => ({ ...target, previous: previousDigest(heads[at]), state: 'dry-run' }));
}

function nameOf(target: TargetTag): string {
  return formatReference(referenceOf(target));
}

function wouldBe(manifest: Manifest, target: TargetTag, head: PreviousTag): string {
  const previous = previousDigest(head);
  if (previous === manifest.digest) return `${nameOf(target)} already holds ${manifest.digest}`;
  const before = head === 'unknown' ? 'unknown' : (previous ?? 'new');
  return `${nameOf(target)}: ${before} → ${manifest.digest}, not written`;
}
