import { formatPlatform, matchesPlatform, type Platform } from '../oci/platform.ts';
import { ActionError } from '../run/errors.ts';
import { describePlatforms, type InspectedDocument, imagesOf } from './document.ts';
import type { InspectRequest } from './request.ts';

/** What is expected of a document. */
export type Expectations = Pick<InspectRequest, 'expectPlatforms' | 'expectDigest'>;

/**
 * Compares what was read with what is expected of it. `document` has the platforms; `inspected` is it, or the image that
 * was chosen from it, and has the digest. Throws ActionError EXPECTATION with everything that differs.
 */
export function checkExpectations(
  document: InspectedDocument,
  inspected: InspectedDocument,
  { expectPlatforms, expectDigest }: Expectations,
): void {
  const { digest } = inspected.manifest;
  const unmet = expectPlatforms.flatMap((platform) => findUnmet(document, platform) ?? []);
  const problems = [
    ...unmet,
    ...(unmet.length === 0 ? [] : [`it has ${describePlatforms(document)}`]),
    ...(expectDigest === undefined || expectDigest === digest
      ? []
      : [`its digest is ${digest}, not ${expectDigest}`]),
  ];
  if (problems.length === 0) return;
  throw new ActionError('EXPECTATION', `${inspected.name} is not as expected:\n${problems.join('\n')}`, {
    hint: 'Find out what pushed it last, or correct `expect-platforms` and `expect-digest`.',
  });
}

/** Why a document does not have a platform, or undefined when it has it. */
function findUnmet(document: InspectedDocument, wanted: Platform): string | undefined {
  const entries = imagesOf(document).filter(
    ({ platform }) => platform !== undefined && matchesPlatform(wanted, platform),
  );
  const name = formatPlatform(wanted);
  if (entries.length === 0) return `${name} is missing`;
  if (entries.some(({ manifest, flaw }) => manifest !== undefined && flaw === undefined)) return undefined;
  return `${name} is listed, but broken: ${entries[0]?.flaw?.message}`;
}
