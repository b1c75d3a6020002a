import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { headingsOf, page, root } from './markdown.ts';

test('CHANGELOG.md starts with the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, newest] = headingsOf(page('CHANGELOG.md'));
  assert.ok(newest === 'Unreleased' || newest?.startsWith(version), newest);
});

test('CONTRIBUTING.md has at most 40 lines', () =>
  assert.ok(page('CONTRIBUTING.md').text.trimEnd().split('\n').length <= 40));
