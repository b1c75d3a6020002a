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
function reading(text: string): readonly SourceReading[] {
  return text.split(' ').map((word) => {
    const [name = '', version = '1'] = word.replace('-', '').split('=');
    return { label: name, digest: word.startsWith('-') ? undefined : digestFor(`${name} ${version}`) };
  });
}

type Row = readonly [
  name: string,
  mode: MissingSources,
  look: string,
  out: string,
  published?: string | undefined,
];

describe('what a job does after a look', () => {
  const table: readonly Row[] = [
    ['all are there', 'defer', 'amd64 arm64', 'publish amd64 arm64'],
    ['one is missing', 'defer', 'amd64 -arm64', 'defer'],
    ['nothing new', 'defer', 'amd64 arm64', 'finish', 'amd64 arm64'],
    ['one was pushed again', 'defer', 'amd64=2 arm64', 'publish amd64 arm64', 'amd64 arm64'],
    ['cleaned up since', 'defer', '-amd64 -arm64', 'finish', 'amd64 arm64'],
    ['half cleaned up, half pushed again', 'defer', '-amd64 arm64=2', 'finish', 'amd64 arm64'],
    ['none is there', 'defer', '-amd64 -arm64', 'nothing'],
    ['all are there', 'ignore', 'amd64 arm64', 'publish amd64 arm64'],
    ['one is missing', 'ignore', 'amd64 -arm64', 'publish amd64'],
    ['one is still missing', 'ignore', 'amd64 -arm64', 'finish', 'amd64'],
    ['one appeared', 'ignore', 'amd64 arm64', 'publish amd64 arm64', 'amd64'],
    ['one appeared, one was cleaned up', 'ignore', '-amd64 arm64', 'publish amd64 arm64', 'amd64'],
    ['none is there', 'ignore', '-amd64', 'nothing'],
  ];
  for (const [name, mode, look, out, published] of table)
    it(`${mode}: ${name}`, () => {
      const before = published === undefined ? undefined : reading(published);
      const step = nextStep(mode, reading(look), before);
      const taken = step.kind === 'publish' ? step.sources : [];
      assert.equal([step.kind, ...taken.map(({ label }) => label)].join(' '), out);
    });
});

describe('whether a look waits for missing sources', () => {
  const table = [
    { mode: 'defer', published: undefined, out: true },
    { mode: 'defer', published: reading('amd64'), out: false },
    { mode: 'ignore', published: undefined, out: true },
    { mode: 'ignore', published: reading('amd64'), out: true },
  ] as const;
  for (const { mode, published, out } of table)
    it(`${mode}, ${published === undefined ? 'before' : 'after'} a PUT`, () =>
      assert.equal(waitsForMissing(mode, published), out));
});
