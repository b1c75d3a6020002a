import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findContradictions,
  findRisks,
  findStepContradictions,
} from '../../../../src/actions/input/shared-tags.ts';
import { parseReference } from '../../../../src/oci/reference.ts';
import { parseTagGlob } from '../../../../src/policy/tag-glob.ts';

const { repository } = parseReference('ghcr.io/acme/app');
const plain = {
  base: 'replace',
  tags: [{ repository, tag: 'v1' }],
  immutableTags: [],
  removedPlatforms: 'warn',
} as const;
const immutableTags = [parseTagGlob('v*')];

const contradictions = [
  { name: 'nothing', in: [plain, 'error'], out: [] },
  { name: 'amend alone', in: [{ ...plain, base: 'amend' }, 'error'], out: [] },
  { name: 'amend and defer', in: [{ ...plain, base: 'amend' }, 'defer'], out: ['amend'] },
  {
    name: 'amend and a tag that may not move',
    in: [{ ...plain, base: 'amend', immutableTags }, 'error'],
    out: ['amend'],
  },
  {
    name: 'ignore and a tag that may not move',
    in: [{ ...plain, immutableTags }, 'ignore'],
    out: ['missing-sources'],
  },
  { name: 'defer and a tag that may not move', in: [{ ...plain, immutableTags }, 'defer'], out: [] },
  {
    name: 'ignore and refused removals',
    in: [{ ...plain, removedPlatforms: 'error' }, 'ignore'],
    out: ['missing-sources'],
  },
] as const;

for (const each of contradictions)
  test(`contradictions of ${each.name}`, () => {
    const problems = findContradictions(each.in[0], each.in[1]);
    const found = problems.map(({ input }) => input);
    assert.deepEqual(found, each.out);
  });

for (const missingSources of ['error', 'ignore', 'defer'] as const) {
  test(`purge-sources with missing-sources: ${missingSources}`, () => {
    const problems = findStepContradictions({ missingSources, sourceTags: 'purge' });
    assert.equal(problems.length, missingSources === 'error' ? 0 : 1);
    assert.deepEqual(findStepContradictions({ missingSources, sourceTags: 'keep' }), []);
  });

  test(`no wait with missing-sources: ${missingSources}`, () => {
    assert.equal(findRisks({ missingSources, waitForSources: 0 }).length, missingSources === 'error' ? 0 : 1);
    assert.deepEqual(findRisks({ missingSources, waitForSources: 1000 }), []);
  });
}
