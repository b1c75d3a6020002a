/** Results of runs, from images in memory. */

import type { Report, ReportedTag } from '../../../src/actions/report.ts';
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

/** What a run that published this list came to. */
export async function reportOf(change: Partial<Report> = {}, content: TestContent = list): Promise<Report> {
  return {
    served: parseManifest(content.bytes, content.mediaType),
    members: await membersOf(resolvedOf(content)),
    tags: [tagOf('ghcr.io/acme/app:1')],
    copies: [],
    purged: [],
    warnings: [],
    ...change,
  };
}
