import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatPlatform, parsePlatform } from '../../../src/oci/platform.ts';
import { type MissingSources, nextStep, type SourceReading } from '../../../src/policy/missing-sources.ts';
import { digestFor } from './entries.ts';

/** `amd64` is found, `amd64=2` found with other content, `-arm64` missing. */
function look(text: string): readonly SourceReading[] {
  return text.split(' ').map((word) => {
    const [name = '', version = '1'] = word.replace('-', '').split('=');
    return {
      label: name,
      digest: word.startsWith('-') ? undefined : digestFor(`${name} ${version}`),
      platforms: [parsePlatform(`linux/${name}`)],
    };
  });
}

interface Row {
  readonly name: string;
  readonly mode: MissingSources;
  readonly look: string;
  readonly published?: string;
  readonly out: string;
}

describe('what a leg does after a look', () => {
  const table: readonly Row[] = [
    {
      name: 'all are there',
      mode: 'defer',
      look: 'amd64 arm64',
      out: 'publish amd64 arm64; missing nothing',
    },
    {
      name: 'one is missing',
      mode: 'defer',
      look: 'amd64 -arm64',
      out: 'defer amd64; missing arm64 linux/arm64',
    },
    {
      name: 'nothing new',
      mode: 'defer',
      look: 'amd64 arm64',
      published: 'amd64 arm64',
      out: 'finish; missing nothing',
    },
    {
      name: 'one was pushed again',
      mode: 'defer',
      look: 'amd64=2 arm64',
      published: 'amd64 arm64',
      out: 'publish amd64 arm64; missing nothing',
    },
    {
      name: 'cleaned up since',
      mode: 'defer',
      look: '-amd64 -arm64',
      published: 'amd64 arm64',
      out: 'finish; missing amd64 arm64 linux/amd64 linux/arm64',
    },
    {
      name: 'half cleaned up, half pushed again',
      mode: 'defer',
      look: '-amd64 arm64=2',
      published: 'amd64 arm64',
      out: 'finish; missing amd64 linux/amd64',
    },
    {
      name: 'none is there',
      mode: 'defer',
      look: '-amd64 -arm64',
      out: 'nothing; missing amd64 arm64 linux/amd64 linux/arm64',
    },
    {
      name: 'all are there',
      mode: 'ignore',
      look: 'amd64 arm64',
      out: 'publish amd64 arm64; missing nothing',
    },
    {
      name: 'one is missing',
      mode: 'ignore',
      look: 'amd64 -arm64',
      out: 'publish amd64; missing arm64 linux/arm64',
    },
    {
      name: 'one is still missing',
      mode: 'ignore',
      look: 'amd64 -arm64',
      published: 'amd64',
      out: 'finish; missing arm64 linux/arm64',
    },
    {
      name: 'one appeared',
      mode: 'ignore',
      look: 'amd64 arm64',
      published: 'amd64',
      out: 'publish amd64 arm64; missing nothing',
    },
    {
      name: 'one appeared, one was cleaned up',
      mode: 'ignore',
      look: '-amd64 arm64',
      published: 'amd64',
      out: 'publish amd64 arm64; missing amd64 linux/amd64',
    },
    {
      name: 'none is there',
      mode: 'ignore',
      look: '-amd64',
      out: 'nothing; missing amd64 linux/amd64 linux/arm64',
    },
  ];
  for (const row of table) {
    it(`${row.mode}: ${row.name}`, () => {
      const platforms = ['linux/amd64', 'linux/arm64/v8'].map(parsePlatform);
      const published = row.published === undefined ? undefined : look(row.published);
      const step = nextStep({ mode: row.mode, platforms }, look(row.look), published);
      const taken = step.kind === 'publish' ? step.sources : 'found' in step ? step.found : [];
      const missing = [
        ...step.absence.sources.map(({ label }) => label),
        ...step.absence.platforms.map(formatPlatform),
      ];
      const words = [step.kind, ...taken.map(({ label }) => label)].join(' ');
      assert.equal(`${words}; missing ${missing.join(' ').replaceAll('/v8', '') || 'nothing'}`, row.out);
    });
  }
});
