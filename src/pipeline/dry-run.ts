import type { Digest } from '../oci/digest.ts';
import { formatReference } from '../oci/reference.ts';
import { type PreviousHeads, previousDigest } from './push.ts';
import { referenceOf, type TargetTag } from './request.ts';

/** A tag that a dry run left as it is. */
export interface UntouchedTag extends TargetTag {
  /** What it holds; absent when there is no such tag. */
  readonly previous?: Digest | undefined;
  readonly state: 'dry-run';
}

/** What the tags hold, for a run that writes nothing. */
export function untouchedTags(
  tags: readonly TargetTag[],
  previous: PreviousHeads,
): Promise<readonly UntouchedTag[]> {
  return Promise.all(
    tags.map(async (target) => {
      const held = await previous.get(formatReference(referenceOf(target)));
      return { ...target, previous: previousDigest(held), state: 'dry-run' };
    }),
  );
}
