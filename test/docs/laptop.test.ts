/** The action on a laptop, as docs/MIGRATING.md shows it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fencesOf, page, root } from './markdown.ts';
import { ownActions } from './workflow/own-actions.ts';

test('the commands set inputs that the action has', () => {
  const commands = fencesOf(page('docs/MIGRATING.md')).find(({ text }) => text.includes('INPUT_'))?.text;
  const names = [...(commands ?? '').matchAll(/INPUT_([A-Z-]+)=/g)].map(([, name = '']) =>
    name.toLowerCase(),
  );
  assert.ok(names.length >= 2);
  const known = Object.keys(ownActions.get('.')?.inputs ?? {});
  assert.deepEqual(
    names.filter((name) => !known.includes(name)),
    [],
  );
});

const olderNode =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})';

for (const entry of ['publish', 'inspect', 'purge'])
  test(`${entry} on an older Node says in one line which one it needs`, () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--import', olderNode, join(root, 'src', `${entry}.ts`)],
      { encoding: 'utf8', env: {} },
    );
    assert.equal(stdout, '::error::This action needs Node 24 or later, and this is Node 20.20.2\n');
    assert.equal(status, 1);
  });
