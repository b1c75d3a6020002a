import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type MissingSources,
  nextStep,
  type SourceReading,
  waitsForMissing,
} from '../../../src/policy/missing-sources.ts';
import { digestFor } from './entries.ts';

/** `amd64` is found, `amd64=2` found with other content, `-arm64` missing. */
function look(text: string): readonly SourceReading[] {
  return text.split(' ').map((word) => {
    const [name = '', version = '1'] = word.replace('-', '').split('=');
    return {
      label: name,
      digest: word.startsWith('-') ? undefined : digestFor(`${name} ${version}`),
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

describe('what a job does after a look', () => {
  const table: readonly Row[] = [
    {
      name: 'all are there',
      mode: 'defer',
      look: 'amd64 arm64',
      out: 'publish amd64 arm64',
    },
    {
      name: 'one is missing',
      mode: 'defer',
      look: 'amd64 -arm64',
      out: 'defer',
    },
    {
      name: 'nothing new',
      mode: 'defer',
      look: 'amd64 arm64',
      published: 'amd64 arm64',
      out: 'finish',
    },
    {
      name: 'one was pushed again',
      mode: 'defer',
      look: 'amd64=2 arm64',
      published: 'amd64 arm64',
      out: 'publish amd64 arm64',
    },
    {
      name: 'cleaned up since',
      mode: 'defer',
      look: '-amd64 -arm64',
      published: 'amd64 arm64',
      out: 'finish',
    },
    {
      name: 'half cleaned up, half pushed again',
      mode: 'defer',
      look: '-amd64 arm64=2',
      published: 'amd64 arm64',
      out: 'finish',
    },
    {
      name: 'none is there',
      mode: 'defer',
      look: '-amd64 -arm64',
      out: 'nothing',
    },
    {
      name: 'all are there',
      mode: 'ignore',
      look: 'amd64 arm64',
      out: 'publish amd64 arm64',
    },
    {
      name: 'one is missing',
      mode: 'ignore',
      look: 'amd64 -arm64',
      out: 'publish amd64',
    },
    {
      name: 'one is still missing',
      mode: 'ignore',
      look: 'amd64 -arm64',
      published: 'amd64',
      out: 'finish',
    },
    {
      name: 'one appeared',
      mode: 'ignore',
      look: 'amd64 arm64',
      published: 'amd64',
      out: 'publish amd64 arm64',
    },
    {
      name: 'one appeared, one was cleaned up',
      mode: 'ignore',
      look: '-amd64 arm64',
      published: 'amd64',
      out: 'publish amd64 arm64',
    },
    {
      name: 'none is there',
      mode: 'ignore',
      look: '-amd64',
      out: 'nothing',
    },
  ];
  for (const row of table) {
    it(`${row.mode}: ${row.name}`, () => {
      const published = row.published === undefined ? undefined : look(row.published);
      const step = nextStep(row.mode, look(row.look), published);
      const taken = step.kind === 'publish' ? step.sources : [];
      assert.equal([step.kind, ...taken.map(({ label }) => label)].join(' '), row.out);
    });
  }
});

describe('whether a look waits for missing sources', () => {
  const table = [
    { mode: 'defer', published: undefined, out: true },
    { mode: 'defer', published: look('amd64'), out: false },
    { mode: 'ignore', published: undefined, out: true },
    { mode: 'ignore', published: look('amd64'), out: true },
  ] as const;
  for (const { mode, published, out } of table) {
    it(`${mode}, ${published === undefined ? 'before' : 'after'} a PUT`, () =>
      assert.equal(waitsForMissing(mode, published), out));
  }
});
