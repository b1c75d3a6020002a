import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputReader } from '../../../../src/actions/input/input-reader.ts';
import { readSpecText } from '../../../../src/actions/input/spec-text.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';

/** Reads the text for a value of the input; returns the problems if it has any. */
async function readIn(workspace: string, spec: string): Promise<string | undefined> {
  const reader = new InputReader({
    input: () => spec,
    lineOf: (_, line) => line,
    problem: (input, line, message) => ({ input, line, message }),
  });
  const text = await readSpecText(reader, { environment: {}, directory: workspace });
  return text ?? reader.problems.map(({ message }) => message).join('\n');
}

const inline: readonly { readonly name: string; readonly in: string }[] = [
  { name: 'several lines', in: 'tags: a/b:1\nsources: a/b:2' },
  { name: 'a mapping', in: 'tags: a/b:1' },
  { name: 'a mapping without a value', in: 'tags:' },
  { name: 'a list', in: '- x' },
  { name: 'an empty item', in: '-' },
  { name: 'JSON', in: '[{"tags":"a/b:1"}]' },
  { name: 'a flow mapping', in: '{tags: x}' },
];

for (const { name, in: spec } of inline)
  test(`spec is YAML itself: ${name}`, async () => assert.equal(await readIn('/nowhere', spec), spec));

test('spec names a file of the workspace, also by a link within its directory', async (context) => {
  const workspace = temporaryDirectory(context);
  await mkdir(join(workspace, 'release'));
  await writeFile(join(workspace, 'release/lists.yml'), 'tags: x');
  await symlink('lists.yml', join(workspace, 'release/link.yml'));
  for (const path of [
    'release/lists.yml',
    ' ./release/lists.yml\t',
    'release/link.yml',
    join(workspace, 'release/lists.yml'),
  ])
    assert.equal(await readIn(workspace, path), 'tags: x', path);
});

test('files that cannot be a spec', async (context) => {
  const workspace = temporaryDirectory(context);
  const outside = temporaryDirectory(context);
  await writeFile(join(outside, 'secret'), 'a key');
  await symlink(join(outside, 'secret'), join(workspace, 'link.yml'));
  assert.match(
    (await readIn(workspace, 'link.yml')) ?? '',
    /^"link.yml" is a link that leads out of its directory$/,
  );
  assert.match((await readIn(workspace, '.')) ?? '', /^"." is not a regular file$/);
  assert.match((await readIn(workspace, '/dev/zero')) ?? '', /is not a regular file$/);
  assert.match(
    (await readIn(workspace, 'none.yml')) ?? '',
    /does not exist; write a path in the workspace, or the YAML itself$/,
  );
  assert.match((await readIn(workspace, 'none.yml/x')) ?? '', /does not exist/);
  assert.match((await readIn(workspace, 'x\0y')) ?? '', /cannot be read \(ERR_INVALID_ARG_VALUE\)$/);
});

test('a file that is too large is read only as far as it shows that', async (context) => {
  const workspace = temporaryDirectory(context);
  await writeFile(join(workspace, 'large.yml'), 'x'.repeat(700_000));
  assert.equal((await readIn(workspace, 'large.yml'))?.length, 512 * 1024 + 1);
});
