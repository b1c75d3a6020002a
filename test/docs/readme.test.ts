import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { fencesOf, page, proseOf, root } from './markdown.ts';
import { ownActions } from './workflow/own-actions.ts';

const readme = page('README.md');

describe('README.md', () => {
  test('and those of the other actions show the inputs and outputs that action.yml has', () => {
    const script = join(root, '.github', 'readme-tables.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  test('has its tables marked, so that they can be written again', () => {
    for (const folder of ownActions.keys())
      for (const kind of ['inputs', 'outputs']) {
        const file = posix.join(folder, 'action.yml');
        const { text } = page(posix.join(folder, 'README.md'));
        assert.ok(text.includes(`<!-- ${kind} of ${file} -->\n| `), `${kind} of ${file}`);
      }
  });

  test('begins with a whole workflow that uses the action', () => {
    const [usage] = fencesOf(readme);
    assert.equal(usage?.language, 'yaml');
    assert.match(usage.text, /^name: publish\non:/);
    assert.ok(usage.text.trim().split('\n').length <= 60);
  });

  test('explains OWNER and shows a summary on its first screens', () => {
    const [before = '', , after = ''] = readme.text.split(/^```.*$/m);
    assert.match(before, /Replace `OWNER`/);
    assert.match(
      after.split('\n## ')[0] ?? '',
      /<img alt="[^"]+" src="docs\/images\/summary-published-light\.png"/,
    );
  });

  test('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const texts = [...fencesOf(readme).map(({ text }) => text), proseOf(readme)].join('\n');
    const named = [...texts.matchAll(/\bnpm (?:run )?([a-z:-]+)/g)].map(([, name = '']) => name);
    const found = named.filter((name) => !['ci', 'install'].includes(name) && !(name in scripts));
    assert.deepEqual(found, []);
    for (const name of ['demo', 'test']) assert.ok(named.includes(name), name);
  });

  test('has two commands that install what they need', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const name of ['demo', 'test']) assert.match(scripts[name], /^node \.github\/run\.mjs /);
  });
});
