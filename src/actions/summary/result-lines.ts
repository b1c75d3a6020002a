import { encodedOf } from '../../oci/digest.ts';
import { familiarReference, formatReference } from '../../oci/reference.ts';
import { describeHeldBack } from '../../pipeline/list.ts';
import type { ReportedTag, Result } from './report.ts';
import { isPublished, repositoriesOf } from './tag-table.ts';

/** The last lines of a log: each tag's result, then a command to pull each published list from each repository. */
export function resultLines(results: readonly Result[]): readonly string[] {
  const tags = results.flatMap(({ tags, heldBack = [], served }) => [
    ...tags.map((tag) => `${changeOf(tag, served)} ${served.digest}`),
    ...heldBack.map(describeHeldBack),
  ]);
  const published = results
    .flatMap(({ tags }) => repositoriesOf(tags))
    .flatMap(([first]) => (isPublished(first) ? [first] : []));
  return [...tags, ...published.map((tag) => `docker pull ${familiarReference(tag)}`)];
}

function changeOf(tag: ReportedTag, { digest }: Pick<Result['served'], 'digest'>): string {
  const name = formatReference(tag);
  const before = tag.previous === undefined ? '' : ` (was ${encodedOf(tag.previous).slice(0, 12)})`;
  switch (tag.state) {
    case 'created':
      return `Created ${name}`;
    case 'moved':
      return `Moved ${name}${before}`;
    case 'unchanged':
      return `Unchanged ${name}`;
    case 'unknown':
      return `Would set ${name} (its current content could not be read)`;
    case 'dry-run':
      if (tag.previous === undefined) return `Would create ${name}`;
      return tag.previous === digest ? `Would not change ${name}` : `Would move ${name}${before}`;
  }
}
