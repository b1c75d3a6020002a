import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { repositoryAnnotations } from '../../../../src/actions/input/repository-annotations.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';

const sha = 'ab12'.repeat(10);
const variables = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/app', GITHUB_SHA: sha };
const known = {
  'org.opencontainers.image.revision': sha,
  'org.opencontainers.image.source': 'https://github.com/acme/app',
  'org.opencontainers.image.title': 'app',
};

async function read(context: TestContext, event: string, environment = {}) {
  const path = join(temporaryDirectory(context), 'event.json');
  await writeFile(path, event);
  return repositoryAnnotations({ ...variables, GITHUB_EVENT_PATH: path, ...environment });
}

/** Annotations that the event adds, by their last word. */
const events: readonly { name: string; in: unknown; out: Readonly<Record<string, string>> }[] = [
  {
    name: 'a description and a licence',
    in: { full_name: 'Acme/App', description: 'An app.', license: { spdx_id: 'MIT' } },
    out: { description: 'An app.', licenses: 'MIT' },
  },
  { name: 'neither', in: { full_name: 'acme/app', description: null, license: null }, out: {} },
  {
    name: 'a licence that GitHub does not know',
    in: { full_name: 'acme/app', license: { spdx_id: 'NOASSERTION' } },
    out: {},
  },
  { name: 'values of other types', in: { full_name: 'acme/app', description: 5, license: 'MIT' }, out: {} },
  { name: 'the repository of a fork', in: { full_name: 'else/app', description: 'Not ours.' }, out: {} },
  { name: 'no repository', in: undefined, out: {} },
  {
    name: 'text that is more than text',
    in: { full_name: 'acme/app', description: ' one\r\n::error::two\u202e\u001b[31m\tthree\u0000 ' },
    out: { description: 'one ::error::two[31m three' },
  },
  {
    name: 'a description without end',
    in: { full_name: 'acme/app', description: '🚀'.repeat(100_000) },
    out: { description: `${'🚀'.repeat(511)}…` },
  },
];
for (const { name, in: repository, out } of events)
  test(`an event with ${name}`, async (context) => {
    const { annotations, warnings } = await read(context, JSON.stringify({ repository }));
    const added = Object.entries(out).map(([key, text]) => [`org.opencontainers.image.${key}`, text]);
    assert.deepEqual(annotations, { ...known, ...Object.fromEntries(added) });
    assert.deepEqual(warnings, []);
  });

test('events that cannot be read', async (context) => {
  const directory = temporaryDirectory(context);
  const large = join(directory, 'large.json');
  await writeFile(large, '');
  await truncate(large, 64 * 1024 * 1024);
  const table = [
    [await read(context, '{"repository":'), 'the file is not JSON'],
    [await read(context, 'null'), undefined],
    [await read(context, '', { GITHUB_EVENT_PATH: join(directory, 'none') }), 'ENOENT'],
    [await read(context, '', { GITHUB_EVENT_PATH: large }), 'the file is too large'],
    [await read(context, '', { GITHUB_EVENT_PATH: '' }), undefined],
  ] as const;
  for (const [{ annotations, warnings }, reason] of table) {
    assert.deepEqual(annotations, known);
    assert.equal(warnings.length, reason === undefined ? 0 : 1);
    assert.ok(
      warnings.every((text) => text.includes(reason ?? '')),
      warnings.join(),
    );
  }
});

test('variables that are missing or of another form', async () => {
  const none = await repositoryAnnotations({});
  assert.deepEqual(none.annotations, {});
  assert.match(none.warnings.join(), /^repository-annotations adds nothing/);
  const strange = await repositoryAnnotations({ ...variables, GITHUB_SHA: 'main\n::error::x' });
  assert.equal('org.opencontainers.image.revision' in strange.annotations, false);
  for (const change of [{ GITHUB_REPOSITORY: 'a/b c' }, { GITHUB_SERVER_URL: 'javascript:alert(1)' }])
    assert.deepEqual((await repositoryAnnotations({ ...variables, ...change })).annotations, {});
});
