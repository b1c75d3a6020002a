import type { ImageChange } from '../../inspection/comparison.ts';
import { type InspectedEntry, imagesOf } from '../../inspection/document.ts';
import type { Inspection } from '../../inspection/inspection.ts';
import { isDockerType, isIndexType } from '../../oci/media-types.ts';
import { describeArtifact } from '../../policy/artifact-name.ts';
import { artifactTable, listDocument, predicatesOf } from './details.ts';
import { countsOf, typeOf } from './lists.ts';
import { folded, markdownCode, markdownTable, markdownText } from './markdown.ts';
import { counted, fullDigest, platformName, shortDigest } from './names.ts';
import { sizeCell } from './platform-table.ts';
import type { InspectionReport, SummaryParts } from './report.ts';
import { causeOf, remedyOf } from './unpublished.ts';

/** The summary of an inspection, also of one that failed. */
export function inspectionSummary({ name, inspection, failure }: InspectionReport): SummaryParts {
  const text = inspection?.document.name ?? name;
  const shown = text === undefined ? '' : markdownCode(text);
  const head =
    failure === undefined
      ? `### 🔎 Inspected ${shown}`
      : `### ❌ Failed${shown && `: ${shown}`}\n\n**${markdownText(failure.title)}**`;
  const lead = failure === undefined ? [] : [causeOf(failure), remedyOf(failure)];
  if (inspection === undefined) return { head, lead, body: [], documents: [] };
  const { inspected } = inspection;
  const facts = factsOf(inspection);
  return {
    head: failure === undefined ? `${head}\n\n${facts}` : head,
    lead,
    body: [
      failure === undefined ? metExpectations(inspection) : facts,
      comparisonLine(inspection),
      imageTable(inspection),
      folded('Attestations', attestationTable(inspected.entries)),
      folded('Artifacts', artifactTable(inspected.entries)),
    ],
    documents: [listDocument({ served: inspected.manifest })],
  };
}

function factsOf({ request: { platform }, document, inspected }: Inspection): string {
  const { manifest, entries } = inspected;
  const facts = [
    ...(isIndexType(manifest.mediaType)
      ? [
          counted(imagesOf(inspected).length, 'image'),
          ...countsOf(entries, ['attestation', 'artifact']),
          typeOf(manifest.mediaType),
        ]
      : [singleName(entries[0]), `${isDockerType(manifest.mediaType) ? 'Docker' : 'OCI'} image manifest`]),
    ...(inspected === document ? [] : [`pulled on ${platformName(platform)}`]),
  ];
  return `${facts.join(' · ')}<br>${fullDigest(manifest.digest)}`;
}

function singleName(entry: InspectedEntry | undefined): string {
  return entry?.kind === 'artifact' && entry.manifest
    ? markdownText(describeArtifact(entry.manifest))
    : platformName(entry?.platform);
}

function metExpectations({ request: { expectPlatforms, expectDigest } }: Inspection): string {
  const met = [
    ...expectPlatforms.map(platformName),
    ...(expectDigest === undefined ? [] : [`digest ${shortDigest(expectDigest)}`]),
  ];
  return met.length === 0 ? '' : `✅ As expected: ${met.join(', ')}`;
}

function comparisonLine({ before, inspected, changes }: Inspection): string {
  if (before === undefined) return '';
  const name = `Compared with ${markdownCode(before.name)} (${shortDigest(before.manifest.digest)})`;
  if (before.manifest.digest === inspected.manifest.digest) return `${name}: **the same**`;
  const counts = (['added', 'removed', 'replaced'] as const).flatMap((change) => {
    const count = changes.filter((each) => each.change === change).length;
    return count === 0 ? [] : [`${count} ${change}`];
  });
  const words = counts.length === 0 ? 'the images are the same, other content differs' : counts.join(', ');
  return `${name}: **${words}**`;
}

function imageTable({ inspected, before, changes }: Inspection): string {
  if (before === undefined) {
    const rows = imagesOf(inspected).map((entry) => [
      platformName(entry.platform),
      sizeCell(entry.manifest),
      stateCell(entry),
    ]);
    return markdownTable(['Platform', 'Size:', 'Digest'], rows);
  }
  return markdownTable(['Platform', 'Size:', 'Change', 'Digest'], changes.map(changeRow));
}

function changeRow({ change, platform, entry, previous }: ImageChange): readonly string[] {
  const was = previous === undefined ? '' : `was ${shortDigest(previous.descriptor.digest)}`;
  return [
    platformName(platform),
    sizeCell(entry?.manifest),
    change === 'unchanged' ? change : `**${change}**${change === 'replaced' ? `, ${was}` : ''}`,
    entry === undefined ? was : stateCell(entry),
  ];
}

function stateCell({ descriptor, manifest, flaw }: InspectedEntry): string {
  const digest = shortDigest(descriptor.digest);
  if (flaw === undefined) return digest;
  return `${digest} ${manifest === undefined ? '**missing**' : '**broken**'}`;
}

function attestationTable(entries: readonly InspectedEntry[]): string {
  const platforms = new Map(entries.map(({ descriptor, platform }) => [descriptor.digest, platform]));
  const rows = entries
    .filter(({ kind }) => kind === 'attestation')
    .map(({ attestationSubject: subject, descriptor, manifest }) => {
      const statements = manifest === undefined ? ['**missing**'] : predicatesOf(manifest);
      const platform = subject && platforms.get(subject);
      return [platformName(platform), [...statements, fullDigest(descriptor.digest)].join('<br>')];
    });
  return markdownTable(['Of', 'Statements and digest'], rows);
}
