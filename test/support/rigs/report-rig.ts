/** Results of runs, from images in memory. */

import type { ListsReport, ReportedTag, Result } from '../../../src/actions/summary/report.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { parseManifest } from '../../../src/oci/manifest.ts';
import { parseReference } from '../../../src/oci/reference.ts';
import { membersOf } from '../../../src/pipeline/member.ts';
import { makeImage, makeIndex, type TestContent } from '../images/images.ts';
import { resolvedOf } from './source-rig.ts';

export const amd64 = makeImage('linux/amd64');
export const armv7 = makeImage('linux/arm/v7', { layers: 2 });
export const list = makeIndex([amd64, armv7], { attestations: true });
export const earlier = `sha256:${'e'.repeat(64)}` as Digest;

export function tagOf(text: string, more: Partial<ReportedTag> = {}): ReportedTag {
  const { repository, tag = '' } = parseReference(text);
  return { repository, tag, state: 'created', ...more };
}

/** The result of a run that published this list. */
export async function resultOf(change: Partial<Result> = {}, content: TestContent = list): Promise<Result> {
  return {
    served: parseManifest(content.bytes, content.mediaType),
    members: await membersOf(resolvedOf(content)),
    tags: [tagOf('ghcr.io/acme/app:1')],
    copies: [],
    purged: [],
    ...change,
  };
}

/** The report of a run that published these lists. */
export function published(...lists: readonly Result[]): ListsReport {
  return { status: 'published', lists, warnings: [] };
}
