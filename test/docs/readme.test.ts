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
        const { text } = page(folder === '.' ? 'docs/INPUTS.md' : posix.join(folder, 'README.md'));
        assert.ok(text.includes(`<!-- ${kind} of ${file} -->\n| `), `${kind} of ${file}`);
      }
  });

  test('shows the commands that people have and the step that replaces them, on its first screen', () => {
    const [commands, step] = fencesOf(readme);
    assert.ok(Number(commands?.place.split(':')[1]) <= 25, commands?.place);
    assert.match(
      commands?.text ?? '',
      /^docker manifest create .*\ndocker manifest annotate .*\n.*\ndocker manifest push /,
    );
    assert.equal(step?.language, 'yaml');
    assert.ok((step?.text.trim().split('\n').length ?? 0) <= 12);
    assert.match(readme.text.split('```yaml')[0] ?? '', /Replace `OWNER`/);
  });

  test('fits in 300 lines', () => assert.ok(readme.text.trimEnd().split('\n').length <= 300));

  test('has the round trips that were measured', () => {
    const [, table = ''] = page('docs/BENCHMARKS.md').text.split(
      '### Plain HTTP, no login: 7 sources, 1 tag\n',
    );
    const roundTrips = (tool: string): number =>
      Number(new RegExp(`^\\| ${tool} \\|(?:[^|]*\\|){4} ([\\d.]+)`, 'm').exec(table)?.[1]);
    const [, ours, imagetools, docker] =
      /waits for (\d+) round trips[^.]*`imagetools create` waits for (\d+) and `docker manifest` for (\d+)/.exec(
        readme.text,
      ) ?? [];
    assert.deepEqual(
      [ours, imagetools, docker].map(Number),
      ['this action', 'docker buildx imagetools create', 'docker manifest create, push'].map(roundTrips),
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
