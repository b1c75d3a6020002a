import { matchesPlatform, type Platform, spellPlatform } from '../oci/platform.ts';
import { describeArtifact } from '../policy/artifact-name.ts';
import { ActionError } from '../run/errors.ts';
import { describePlatforms, type InspectedDocument, type InspectedEntry, imagesOf } from './document.ts';
import type { InspectRequest } from './request.ts';

/** The expectations about a document. */
type Expectations = Pick<InspectRequest, 'expectPlatforms' | 'expectDigest'>;

/**
 * Compares a document with the expectations. `document` has the platforms; `inspected` has the digest, and is the same
 * document or the image selected from it. Throws ActionError EXPECTATION with all differences.
 */
export function checkExpectations(
  document: InspectedDocument,
  inspected: InspectedDocument,
  { expectPlatforms, expectDigest }: Expectations,
): void {
  const { digest } = inspected.manifest;
  const found = expectPlatforms.map((platform) => ({ platform, entries: entriesFor(document, platform) }));
  const absent = found.filter(({ entries }) => entries.length === 0);
  const problems = [
    ...absent.map(({ platform }) => `${spellPlatform(platform)} is missing`),
    ...(absent.length === 0 ? [] : [`it ${heldBy(document)}`]),
    ...found.flatMap(({ platform, entries }) => findBroken(platform, entries)),
    ...(expectDigest === undefined || expectDigest === digest
      ? []
      : [`its digest is ${digest}, not ${expectDigest}`]),
  ];
  if (problems.length === 0) return;
  throw new ActionError('EXPECTATION', `${inspected.name} is not as expected:\n${problems.join('\n')}`, {
    hint: 'Find out what pushed it last, or correct `expect-platforms` and `expect-digest`.',
  });
}

function heldBy(document: InspectedDocument): string {
  const [entry] = document.entries;
  return document.manifest.content.kind === 'image' && entry?.kind !== 'image'
    ? `is ${describeArtifact(document.manifest)}`
    : `has ${describePlatforms(document)}`;
}

function entriesFor(document: InspectedDocument, wanted: Platform): readonly InspectedEntry[] {
  return imagesOf(document).filter(
    ({ platform }) => platform !== undefined && matchesPlatform(wanted, platform),
  );
}

// Of several images for a platform, clients may take any: Windows hosts choose by build, others the first or the last.
function findBroken(platform: Platform, entries: readonly InspectedEntry[]): readonly string[] {
  const flaws = entries.flatMap(({ flaw }) => flaw ?? []);
  return flaws.map(({ message }) => `${spellPlatform(platform)} is listed, but broken: ${message}`);
}
