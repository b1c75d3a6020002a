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
  forwardOnlyTags: [],
  removedPlatforms: 'warn',
} as const;
const immutableTags = [parseTagGlob('v*')];

const contradictions = [
  ['nothing', [plain, 'error'], []],
  ['amend alone', [{ ...plain, base: 'amend' }, 'error'], []],
  ['amend and defer', [{ ...plain, base: 'amend' }, 'defer'], ['amend']],
  ['amend and a tag that may not move', [{ ...plain, base: 'amend', immutableTags }, 'error'], ['amend']],
  ['ignore and a tag that may not move', [{ ...plain, immutableTags }, 'ignore'], ['missing-sources']],
  ['defer and a tag that may not move', [{ ...plain, immutableTags }, 'defer'], []],
  [
    'ignore and a tag that only moves forwards',
    [{ ...plain, forwardOnlyTags: immutableTags }, 'ignore'],
    ['missing-sources'],
  ],
  ['ignore and refused removals', [{ ...plain, removedPlatforms: 'error' }, 'ignore'], ['missing-sources']],
] as const;

for (const [name, input, out] of contradictions)
  test(`contradictions of ${name}`, () => {
    const problems = findContradictions(input[0], input[1]);
    const found = problems.map(({ input }) => input);
    assert.deepEqual(found, out);
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
