/** Reports with as much of everything as there can be. */
import type { Report, Result } from '../../src/actions/summary/report.ts';
import { formatPlatform, parsePlatform } from '../../src/oci/platform.ts';
import { digestOf, entryOf, madeResult, madeTag } from './made-list.ts';
import { found } from './releases.ts';

/** A word of 200 characters. */
export const longWord: string = 'registry.example.com/'.padEnd(200, 'long');

/** 64 platforms, 30 tags, and the longest names that registries take. */
export function large(): Result {
  const repository = `registry.${'sub.'.repeat(12)}example.com:5000/${'a'.repeat(130)}/${'b-'.repeat(40)}c`;
  const many = Array.from({ length: 64 }, (_, at) => ({
    platform: { os: 'linux', architecture: 'riscv64', variant: `v${at}`.padEnd(at % 8 === 0 ? 200 : 2, 'x') },
    size: 10 ** (at % 12),
    source: `${repository}:${'s'.repeat(120)}${at}`,
    predicates: [`https://example.com/${'predicate'.repeat(20)}`],
  }));
  const tags = Array.from({ length: 30 }, (_, at) =>
    madeTag(`${repository}:${'t'.repeat(125)}${at}`, 'moved', digestOf(`${at}`)),
  );
  const entries = many.map((image) => ({ ...entryOf(image), digest: digestOf(image.source) }));
  const pulls = entries.map((entry) => ({
    client: formatPlatform(entry.platform),
    entry,
    before: 'none' as const,
  }));
  return madeResult(
    { images: many, tags, annotations: { [longWord]: 'x'.repeat(2000) } },
    { before: { tag: 'latest', digest: digestOf('before'), entries }, pulls, purged: [repository] },
  );
}

/** A failure that names all of it. */
export function largeFailure(): Report {
  const { members, tags } = large();
  return {
    status: 'failed',
    failure: {
      code: 'SOURCE_MISSING',
      title: longWord,
      cause: `${longWord} does not exist\n`.repeat(60),
      remedy: `Look for \`${longWord}\`.`,
      page: `https://github.com/${'o'.repeat(39)}/${'r'.repeat(100)}/blob/v1/docs/TROUBLESHOOTING.md#source_missing`,
    },
    sources: [
      ...members.map(({ label }) => ({ name: label, state: 'refused', reason: longWord }) as const),
      { ...found(longWord, 'linux/amd64'), platforms: members.map(() => parsePlatform('linux/amd64')) },
    ],
    tags: tags.map(({ repository, tag }) => ({ repository, tag, state: 'untouched', reason: longWord })),
    warnings: [],
  };
}
