import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesTagGlob, parseTagGlob } from '../../../src/policy/tag-glob.ts';

describe('globs over tags', () => {
  const table = [
    { glob: 'latest', yes: ['latest'], no: ['lates', 'latest2', 'Latest', ''] },
    { glob: '*', yes: ['a', '1.2.3', ''], no: [] },
    { glob: '**', yes: ['a', ''], no: [] },
    { glob: 'v*.*.*', yes: ['v1.2.3', 'v1.2.3-rc.1', 'v..'], no: ['v1.2', '1.2.3', 'xv1.2.3'] },
    { glob: 'v?', yes: ['v1', 'v.'], no: ['v', 'v10'] },
    { glob: 'v[0-9].[0-9]', yes: ['v1.2'], no: ['v1.x', 'v12', 'v10.2'] },
    { glob: 'v[0-9]*', yes: ['v1', 'v1.2.3'], no: ['vx', 'v'] },
    { glob: '[!l]*', yes: ['v1', 'x'], no: ['latest', ''] },
    { glob: '[^a-c]', yes: ['d', '-'], no: ['a', 'c'] },
    { glob: '[a-]', yes: ['a', '-'], no: ['b'] },
    { glob: '[-a]', yes: ['a', '-'], no: ['b'] },
    { glob: '[.]x', yes: ['.x'], no: ['ax'] },
    { glob: 'a.c', yes: ['a.c'], no: ['abc'] },
    { glob: '*-rc*', yes: ['1-rc', '1-rc2', '-rc-rc'], no: ['1', 'rc'] },
    { glob: '*a*b', yes: ['ab', 'xaxb', 'aabb'], no: ['aba', 'ba'] },
  ];
  for (const { glob, yes, no } of table)
    it(glob, () => {
      const parsed = parseTagGlob(glob);
      assert.equal(parsed.text, glob);
      for (const tag of yes) assert.ok(matchesTagGlob(parsed, tag), `matches ${tag}`);
      for (const tag of no) assert.ok(!matchesTagGlob(parsed, tag), `does not match ${tag}`);
    });
});

describe('globs that are refused', () => {
  const table = [
    { in: '', out: /is empty/ },
    { in: 'v[0-9', out: /not closed/ },
    { in: 'v[]', out: /empty set/ },
    { in: 'v[!]', out: /empty set/ },
    { in: 'v[9-0]', out: /"9-0", which runs backwards/ },
    { in: 'v[a!]', out: /"!" in a set/ },
    { in: 'ghcr.io/acme/app:v*', out: /for the tag alone/ },
    { in: 'app:v*', out: /has ":" in it; a pattern is for the tag alone/ },
    { in: 'v*.{1,2}', out: /has "\{" in it; tags cannot contain it/ },
    { in: 'v 1', out: /has " " in it/ },
    { in: 'v1]', out: /has "\]" in it/ },
    { in: 'v\\*', out: /tags cannot contain it/ },
    { in: 'vé', out: /tags cannot contain it/ },
    { in: '*'.repeat(257), out: /257 characters/ },
  ];
  for (const row of table)
    it(row.in.slice(0, 30) || 'nothing', () =>
      assert.throws(() => parseTagGlob(row.in), { name: 'FormatError', message: row.out }),
    );
});
