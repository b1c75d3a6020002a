import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fencesOf, page, proseOf, root } from './markdown.ts';

const readme = page('README.md');

describe('README.md', () => {
  test('shows the inputs and outputs that action.yml has', () => {
    const script = join(root, '.github', 'readme-tables.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  test('has its tables marked, so that they can be written anew', () => {
    for (const kind of ['inputs', 'outputs']) {
      assert.ok(readme.text.includes(`<!-- ${kind} of action.yml -->\n| `), kind);
    }
  });

  test('shows how to use the action in at most 8 lines', () => {
    const [usage] = fencesOf(readme);
    assert.equal(usage?.language, 'yaml');
    assert.match(usage.text, /^- uses: /);
    assert.ok(usage.text.trim().split('\n').length <= 8);
  });

  test('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const texts = [...fencesOf(readme).map(({ text }) => text), proseOf(readme)].join('\n');
    const named = [...texts.matchAll(/\bnpm (?:run )?([a-z:-]+)/g)].map(([, name = '']) => name);
    assert.deepEqual(
      named.filter((name) => !['ci', 'install'].includes(name) && !(name in scripts)),
      [],
    );
    for (const name of ['demo', 'test']) assert.ok(named.includes(name), name);
  });

  test('has two commands that install what they need', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const name of ['demo', 'test']) assert.match(scripts[`pre${name}`], /ensure-dependencies/);
  });
});
