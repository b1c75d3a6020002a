import { appendFile } from 'node:fs/promises';
import { layersSize } from '../oci/manifest.ts';
import { describePlatform } from '../oci/platform.ts';
import { familiarReference, formatReference, formatRepository } from '../oci/reference.ts';
import { formatBytes, formatRate } from '../pipeline/byte-size.ts';
import type { CopyResult } from '../pipeline/copy/target.ts';
import type { Member } from '../pipeline/member.ts';
import { messageOf } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import type { Report, ReportedTag } from './report.ts';
import { markdownCode, markdownText, visible } from './sanitize.ts';

/** Bytes of a summary: GitHub takes 1 MiB per step. */
const maxSummaryBytes = 1_000_000;

/** The summary as markdown: tags, platforms, copies, warnings and, folded, the inspected JSON. */
export function renderSummary(report: Report): string {
  const head = [
    heading(report),
    tagTable(report),
    platformTable(report),
    copyList(report),
    warningList(report),
  ];
  const text = head.filter((part) => part !== '').join('\n\n');
  return withJson(text, report);
}

function heading(report: Report): string {
  const [first] = report.tags;
  const name = first === undefined ? 'Manifest list' : familiarReference(first);
  const note = first?.state === 'dry-run' ? ' (dry run: nothing was pushed)' : '';
  return `### ${markdownText(name)}${note}\n\n${markdownCode(report.served.digest)} · ${markdownCode(report.served.mediaType)} · ${formatBytes(report.served.size)}`;
}

function tagTable(report: Report): string {
  const rows = report.tags.map((tag) =>
    row([markdownCode(formatReference(tag)), markdownCode(tag.previous ?? '–'), change(tag, report)]),
  );
  return [row(['Tag', 'Before', 'Now']), row(['---', '---', '---']), ...rows].join('\n');
}

function change(tag: ReportedTag, report: Report): string {
  if (tag.state === 'unchanged') return 'unchanged';
  if (tag.state === 'dry-run')
    return tag.previous === report.served.digest
      ? 'would not change'
      : `would be ${markdownCode(report.served.digest)}`;
  return markdownCode(report.served.digest);
}

function platformTable(report: Report): string {
  const rows = report.members.map((member) =>
    row([
      platformCell(member),
      markdownCode(member.descriptor.digest),
      sizeCell(member),
      markdownCode(member.label),
    ]),
  );
  return [row(['Platform', 'Digest', 'Layers', 'Source']), row(['---', '---', '---:', '---']), ...rows].join(
    '\n',
  );
}

function platformCell(member: Member): string {
  if (member.kind === 'attestation') return 'attestation';
  return member.descriptor.platform === undefined
    ? '–'
    : markdownText(describePlatform(member.descriptor.platform));
}

function sizeCell(member: Member): string {
  return member.manifest.content.kind === 'image' ? formatBytes(layersSize(member.manifest.content)) : '–';
}

function copyList(report: Report): string {
  const copied = report.copies.filter((copy) => copy.manifests > 0);
  if (copied.length === 0) return '';
  return ['**Copied**', '', ...copied.map(copyLine)].join('\n');
}

function copyLine(copy: CopyResult): string {
  const { blobs, bytes, mounted, milliseconds } = copy;
  const sent = `${blobs} blobs sent, ${formatBytes(bytes)} at ${formatRate(bytes, milliseconds)}`;
  return `- to ${markdownCode(formatRepository(copy.repository))}: ${copy.manifests} manifests (${copy.referrers} of them referrers), ${sent}, ${mounted} mounted`;
}

function warningList(report: Report): string {
  if (report.warnings.length === 0) return '';
  return ['**Warnings**', '', ...report.warnings.map((text) => `- ${markdownText(text)}`)].join('\n');
}

function withJson(text: string, report: Report): string {
  const json = JSON.stringify(JSON.parse(Buffer.from(report.served.bytes).toString('utf8')), null, 2);
  const folded = `${text}\n\n<details><summary>Inspected JSON</summary>\n\n<pre><code>${htmlText(json)}</code></pre>\n\n</details>\n`;
  if (Buffer.byteLength(folded) <= maxSummaryBytes) return folded;
  const short = `${text}\n\nThe JSON is too large for a summary: output \`json-file\` names the file that holds it.\n`;
  if (Buffer.byteLength(short) <= maxSummaryBytes) return short;
  return `${heading(report)}\n\nThe list is too large for a summary: output \`json-file\` names the file that holds it.\n`;
}

function htmlText(text: string): string {
  const escaped = text.replace(/[&<>]/g, (mark) => `&#${mark.charCodeAt(0)};`);
  // A blank line would end the HTML block, and JSON.stringify writes none.
  return escaped.split('\n').map(visible).join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Appends the summary to the runner's file; a failure to write is a warning. */
export async function writeSummary(
  report: Report,
  file: string | undefined,
  observer: Observer,
): Promise<void> {
  if (file === undefined || file === '') return;
  try {
    await appendFile(file, renderSummary(report));
  } catch (error) {
    observer.warning(`The job summary could not be written: ${messageOf(error)}`);
  }
}
