import { matchesPlatform, type Platform, spellPlatform } from '../oci/platform.ts';
import { describeArtifact } from '../policy/artifact-name.ts';
import { ActionError } from '../run/errors.ts';
import { describePlatforms, type InspectedDocument, type InspectedEntry, imagesOf } from './document.ts';
import type { InspectRequest } from './inspection.ts';

/**
 * Compares a document with the expectations. `document` has the platforms; `inspected` has the digest, and is the same
 * document or the image selected from it. Throws ActionError EXPECTATION with all differences.
 */
export function checkExpectations(
  document: InspectedDocument,
  inspected: InspectedDocument,
  { expectPlatforms, expectDigest }: Pick<InspectRequest, 'expectPlatforms' | 'expectDigest'>,
): void {
  const { digest } = inspected.manifest;
  const images = imagesOf(document);
  const found = expectPlatforms.map((platform) => ({
    platform,
    entries: images.filter((image) => image.platform && matchesPlatform(platform, image.platform)),
  }));
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

// Of several images for a platform, clients may take any: Windows hosts choose by build, others the first or the last.
function findBroken(platform: Platform, entries: readonly InspectedEntry[]): readonly string[] {
  const flaws = entries.flatMap(({ flaw }) => flaw ?? []);
  return flaws.map(({ message }) => `${spellPlatform(platform)} is listed, but broken: ${message}`);
}
