import type { Manifest } from '../oci/manifest.ts';
import { sameRepository } from '../oci/reference.ts';
import { SourceError } from '../registry/errors.ts';
import { type Plan, targetName } from './plan.ts';
import type { PushParts } from './push.ts';

/** Sees to it that every target repository holds the content of the plan's members. */
export async function copyContent(plan: Plan, _index: Manifest, _parts: PushParts): Promise<void> {
  for (const target of plan.targets) {
    const foreign = plan.members.find(
      (member) =>
        member.store.repository === undefined || !sameRepository(member.store.repository, target.repository),
    );
    if (foreign === undefined) continue;
    throw new SourceError(
      'SOURCE_ELSEWHERE',
      `sources line ${foreign.line}: ${foreign.label} is not in ${targetName(target)}`,
      { hint: `Push it to ${targetName(target)} first.` },
    );
  }
}
