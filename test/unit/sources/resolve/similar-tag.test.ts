import assert from 'node:assert/strict';
import { test } from 'node:test';
import { similarTag } from '../../../../src/sources/resolve/similar-tag.ts';

const rows: readonly { tag: string; tags: readonly string[]; out: string | undefined }[] = [
  { tag: '1.2.3-arm46', tags: ['1.2.3-amd64', '1.2.3-arm64', 'latest'], out: '1.2.3-arm64' },
  { tag: '1.2.3-arm64', tags: ['1.2.3-arm6', '1.2.4-arm64x'], out: '1.2.3-arm6' },
  { tag: 'lates', tags: ['latest'], out: 'latest' },
  { tag: 'v1', tags: ['v2'], out: undefined },
  { tag: '1.2.3', tags: ['1.2.3'], out: undefined },
  { tag: '1.2.3', tags: [], out: undefined },
];

for (const { tag, tags, out } of rows)
  test(`a tag like ${tag} among ${tags.join(', ') || 'none'}`, () =>
    assert.equal(similarTag(tag, tags), out));
