import type { InspectedEntry } from '../../inspection/document.ts';
import { predicateTypes } from '../../oci/attestation.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatRepository } from '../../oci/reference.ts';
import { formatBytes, formatRate } from '../../pipeline/byte-size.ts';
import type { CopyResult } from '../../pipeline/copy/copy.ts';
import type { Member } from '../../pipeline/member.ts';
import { describeArtifact } from '../../policy/artifact-name.ts';
import { cellCode, folded, markdownCode, markdownTable, markdownText, preformatted } from './markdown.ts';
import { counted, fullDigest, platformName } from './names.ts';
import { imagesOf, removedTable } from './platform-table.ts';
import type { Result } from './report.ts';
import { byRepository } from './tag-table.ts';

/** Details for some readers, each folded; '' for details without content. */
export function listDetails(list: Result): readonly string[] {
  return [
    folded('Removed platforms', removedTable(list)),
    folded('Sources and digests', sourceTable(list.members)),
    folded('Attestations', attestationTable(list.members)),
    folded('Artifacts', artifactTable(list.members)),
    folded('Digests that the tags held before', previousTable(list)),
    folded('Copied content', copyList(list.copies)),
    folded('Removed drafts and staging tags', list.purged.map(markdownCode).join('<br>')),
  ];
}

/** The list itself, folded. */
export function listDocument({ served }: Pick<Result, 'served'>): string {
  const json = JSON.stringify(JSON.parse(Buffer.from(served.bytes).toString('utf8')), null, 2);
  return folded('Inspected JSON', preformatted(json));
}

function sourceTable(members: readonly Member[]): string {
  const rows = imagesOf(members).map(({ descriptor, label }) => [
    platformName(descriptor.platform),
    `${markdownCode(label)}<br>${fullDigest(descriptor.digest)}`,
  ]);
  return markdownTable(['Platform', 'Source and digest'], rows);
}

function attestationTable(members: readonly Member[]): string {
  const rows = members.flatMap(({ kind, attestationSubject, descriptor, manifest }) => {
    if (kind !== 'attestation') return [];
    const subject = members.find((member) => member.descriptor.digest === attestationSubject);
    const platform = platformName(subject?.descriptor.platform);
    return [[platform, [...predicatesOf(manifest), fullDigest(descriptor.digest)].join('<br>')]];
  });
  return markdownTable(['Of', 'Statements and digest'], rows);
}

/** A row for each entry that is an artifact. */
export function artifactTable(
  entries: readonly (Pick<InspectedEntry, 'kind' | 'descriptor'> & {
    readonly manifest?: Pick<Manifest, 'content'> | undefined;
  })[],
): string {
  const rows = entries.flatMap(({ kind, descriptor, manifest }) => {
    if (kind !== 'artifact') return [];
    const name = manifest ? describeArtifact(manifest) : descriptor.mediaType;
    return [[markdownText(name), fullDigest(descriptor.digest)]];
  });
  return markdownTable(['Content', 'Digest'], rows);
}

/** The statements of an attestation by name. */
export function predicatesOf(manifest: Pick<Manifest, 'content'>): readonly string[] {
  return predicateTypes(manifest).map((type) => {
    if (type.startsWith('https://slsa.dev/provenance/')) return 'SLSA provenance';
    return type === 'https://spdx.dev/Document' ? 'SPDX SBOM' : markdownText(type);
  });
}

function previousTable({ tags, served }: Result): string {
  const held = tags.filter(({ previous }) => previous !== undefined && previous !== served.digest);
  // Without their states: the table above has the links.
  const moved = held.map(({ repository, tag, previous }) => ({ repository, tag, previous }));
  return byRepository(moved, (group) => {
    const rows = group.map(({ tag, previous }) => [cellCode(tag), previous ? fullDigest(previous) : '–']);
    return markdownTable(['Tag', 'Digest'], rows);
  }).join('\n\n');
}

function copyList(copies: readonly CopyResult[]): string {
  return copies
    .filter(({ manifests }) => manifests > 0)
    .map((copy) => `- ${markdownCode(formatRepository(copy.repository))}: ${describeCopy(copy)}`)
    .join('\n');
}

function describeCopy({ manifests, referrers, blobs, bytes, mounted, milliseconds }: CopyResult): string {
  return [
    counted(manifests, 'manifest'),
    ...(referrers === 0 ? [] : [`${referrers} of them referrers`]),
    ...(blobs === 0
      ? []
      : [`${counted(blobs, 'blob')} sent, ${formatBytes(bytes)} at ${formatRate(bytes, milliseconds)}`]),
    ...(mounted === 0 ? [] : [`${counted(mounted, 'blob')} mounted`]),
  ].join(', ');
}
