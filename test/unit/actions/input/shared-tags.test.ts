import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findContradictions,
  findRisks,
  findSoleSource,
  findStepContradictions,
} from '../../../../src/actions/input/shared-tags.ts';
import { parsePlatform } from '../../../../src/oci/platform.ts';
import { parseReference } from '../../../../src/oci/reference.ts';
import type { ListRequest } from '../../../../src/pipeline/request.ts';
import { parseTagGlob } from '../../../../src/policy/tag-glob.ts';
import { parseSources } from '../../../../src/sources/input/parse-sources.ts';

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

const soleSources = [
  ['one reference', 'ghcr.io/acme/app:run-1-amd64', [], 'refused'],
  ['one template over the platform of its job', 'ghcr.io/acme/app:run-1-{arch}', ['linux/amd64'], 'refused'],
  [
    'one template over two platforms',
    'ghcr.io/acme/app:run-1-{arch}',
    ['linux/amd64', 'linux/arm64'],
    'read',
  ],
  ['one list for two platforms', 'ghcr.io/acme/app:run-1', ['linux/amd64', 'linux/arm64'], 'read'],
  ['two references', 'ghcr.io/acme/app:a\nghcr.io/acme/app:b', [], 'read'],
  ['a directory, whose files are counted later', 'digests:out', [], 'read'],
] as const;

for (const [name, sources, named, out] of soleSources)
  test(`defer with ${name} is ${out}`, () => {
    const platforms = named.map(parsePlatform);
    const list = { sources: parseSources(sources, platforms).lines, platforms } as unknown as ListRequest;
    const problems = (form: 'inputs' | 'spec', missingSources: 'defer' | 'ignore') =>
      findSoleSource({ lists: [list], form, missingSources }).map(({ input }) => input);
    assert.deepEqual(problems('inputs', 'defer'), out === 'refused' ? ['missing-sources'] : []);
    assert.deepEqual(problems('spec', 'defer'), []);
    assert.deepEqual(problems('inputs', 'ignore'), []);
  });
