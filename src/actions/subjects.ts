import type { Manifest } from '../oci/manifest.ts';
import { formatRepository } from '../oci/reference.ts';
import { targetsOf } from '../pipeline/plan.ts';
import type { TargetTag } from '../pipeline/request.ts';
import type { ArtifactSubject } from '../runner/artifact-subjects.ts';

/** The image of each list in each repository of its tags. */
export function subjectsOf(
  lists: readonly { readonly tags: readonly TargetTag[]; readonly served: Pick<Manifest, 'digest'> }[],
): readonly ArtifactSubject[] {
  return lists.flatMap(({ tags, served: { digest } }) => {
    return targetsOf(tags).map(({ repository }) => ({ name: formatRepository(repository), digest }));
  });
}
