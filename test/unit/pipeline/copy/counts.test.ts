import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlobOutcome, countOf, describeCounts, sumOf } from '../../../../src/pipeline/copy/counts.ts';

const cases: readonly { name: string; in: readonly BlobOutcome[]; out: string }[] = [
  { name: 'nothing', in: [], out: '0 blobs' },
  { name: 'one upload', in: ['uploaded'], out: '1 blob, 1.5 kB' },
  { name: 'uploads add up', in: ['uploaded', 'uploaded'], out: '2 blobs, 3.0 kB' },
  {
    name: 'mounts and blobs that are there move no bytes',
    in: ['mounted', 'present'],
    out: '2 blobs (1 mounted, 1 already there)',
  },
  { name: 'external blobs do not count', in: ['external', 'mounted'], out: '1 blob (1 mounted)' },
];

for (const { name, in: outcomes, out } of cases) {
  test(`counts of blobs: ${name}`, () => {
    assert.equal(describeCounts(sumOf(outcomes.map((outcome) => countOf(outcome, 1500)))), out);
  });
}
