import { formatReference, sameRepository } from '../../oci/reference.ts';
import type { Finding } from '../../run/finding.ts';
import type { TagReadings } from '../ledger.ts';
import { type AssembledList, isAmended } from '../list.ts';
import type { ListRequest, TargetTag } from '../request.ts';
import { knownDigest } from '../tag.ts';

/**
 * Findings about each tag that held an image which is now an entry of its list: `tags` and `sources` may be swapped. Not
 * for lists that grow from one image on purpose: with `amend`, with `prefer-index: false`, and when the tag is a source.
 */
export async function swappedInputs(list: AssembledList, readings: TagReadings): Promise<readonly Finding[]> {
  const { content } = list.manifest;
  if (content.kind !== 'index' || isAmended(list) || list.request.index === 'needed') return [];
  const images = list.members
    .filter(({ kind }) => kind === 'image')
    .map(({ descriptor }) => descriptor.digest);
  const { tags } = list.request;
  // A tag that could not be read is told elsewhere, and the list is published.
  const held = await Promise.all(tags.map((tag) => readings.of(tag).then(knownDigest, () => undefined)));
  return tags.flatMap((tag, at) => {
    const digest = held[at];
    if (digest === undefined || !images.includes(digest) || isSource(tag, list.request)) return [];
    const say = (names: string) =>
      `tags: ${names} held an image that is now an entry of its list; if \`tags\` and \`sources\` are swapped, swap them and put ${digest} back on the tag`;
    return { about: formatReference(tag), say };
  });
}

function isSource({ repository, tag }: TargetTag, { sources }: ListRequest): boolean {
  return sources.some(
    ({ locator }) =>
      locator.kind === 'reference' && locator.tag === tag && sameRepository(locator.repository, repository),
  );
}
