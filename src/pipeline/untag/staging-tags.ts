import { tagIdentity, tagName } from '../../registry/untag/staging-tag.ts';
import type { InputProblem } from '../../run/errors.ts';
import type { Resolved, SourceLine } from '../../sources/source.ts';
import type { ListRequest, PublishRequest, TargetTag } from '../request.ts';

/** The tags that sources name, each once; sources by digest, files and drafts have none. */
export function stagingTagsOf(
  resolvedSources: readonly Resolved[],
): readonly (TargetTag & Pick<Resolved, 'manifest' | 'store'>)[] {
  const tags = resolvedSources.flatMap(({ line, manifest, store }) => {
    const target = tagOf(line);
    return target === undefined ? [] : [{ ...target, manifest, store }];
  });
  return [...Map.groupBy(tags, tagIdentity).values()].flatMap(([first]) => first ?? []);
}

/** The problems of sources whose tags one of the lists also publishes: they would be removed again. */
export function publishedSources(
  lists: readonly Pick<ListRequest, 'tags' | 'sources'>[],
  form: PublishRequest['form'],
): readonly InputProblem[] {
  const published = new Map(
    lists.flatMap(({ tags }, at) => tags.map((tag) => [tagIdentity(tag), at + 1] as const)),
  );
  const lines = lists.flatMap(({ sources }) => sources);
  return lines.flatMap((line) => {
    const target = tagOf(line);
    const list = target && published.get(tagIdentity(target));
    if (target === undefined || list === undefined) return [];
    const places =
      form === 'spec'
        ? `line ${line.line} of \`spec\` and also in \`tags\` of list ${list}`
        : `line ${line.line} of \`sources\` and also in \`tags\``;
    const message = `would remove ${tagName(target)}, which is on ${places}; write another tag in one of them, or set \`purge-sources: false\``;
    return [{ input: 'purge-sources', message }];
  });
}

function tagOf({ locator }: SourceLine): TargetTag | undefined {
  if (locator.kind !== 'reference' || locator.tag === undefined || locator.digest !== undefined)
    return undefined;
  return { repository: locator.repository, tag: locator.tag };
}
