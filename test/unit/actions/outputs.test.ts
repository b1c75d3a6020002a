import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { compactJson, factsOf, outputsOf, writeOutputs } from '../../../src/actions/outputs.ts';
import type { Result } from '../../../src/actions/summary/report.ts';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { earlier, list, resultOf, tagOf } from '../../support/rigs/report-rig.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';
import { Told } from '../../support/rigs/wire-rig.ts';
import { InProcessRunner } from '../../support/run/in-process-runner.ts';

const heldBack = {
  ...tagOf('ghcr.io/acme/app:latest'),
  held: earlier,
  version: '2.0.0',
  newVersion: '1.9.6',
};

/** Writes outputs as in a step, and reads what the runner would read. */
function written(
  context: TestContext,
  report: Result,
  form: 'inputs' | 'spec' = 'inputs',
): ReturnType<typeof writtenLists> {
  return writtenLists(context, [report], form);
}

async function writtenLists(
  context: TestContext,
  results: readonly Result[],
  form: 'inputs' | 'spec',
): Promise<{ outputs: Map<string, string>; told: Told }> {
  const directory = temporaryDirectory(context);
  const file = join(directory, 'GITHUB_OUTPUT');
  await writeFile(file, '');
  const told = new Told();
  const environment = { GITHUB_OUTPUT: file, RUNNER_TEMP: directory };
  await writeOutputs({ form, results }, new InProcessRunner(environment, '/home/u', directory), told);
  return { outputs: parseOutputs(await readFile(file, 'utf8')), told };
}

/** The runner's format: `name<<delimiter`, lines, `delimiter`. */
function parseOutputs(text: string): Map<string, string> {
  const outputs = new Map<string, string>();
  const lines = text.split('\n');
  for (let at = 0; at < lines.length - 1; ) {
    const [name = '', delimiter = ''] = (lines[at] ?? '').split('<<');
    const end = lines.indexOf(delimiter, at + 1);
    assert(end > at, `no end of ${name}`);
    outputs.set(name, lines.slice(at + 1, end).join('\n'));
    at = end + 1;
  }
  return outputs;
}

test('the outputs written are those of action.yml, without the one of a run that defers', async (context) => {
  const text = await readFile(new URL('../../../action.yml', import.meta.url), 'utf8');
  const declared = Object.keys((parse(text) as { outputs: object }).outputs);
  const { outputs, told } = await written(context, await resultOf({ heldBack: [heldBack] }), 'spec');
  assert.ok(declared.includes('deferred'));
  const expected = declared.filter((name) => name !== 'deferred');
  assert.deepEqual([...outputs.keys()].toSorted(), expected.toSorted());
  assert.deepEqual(told.warnings, []);
});

test('what each output holds', async (context) => {
  const tags = [tagOf('ghcr.io/acme/app:1', { state: 'moved', previous: earlier }), tagOf('alpine:2')];
  const { outputs } = await written(context, await resultOf({ tags, purged: ['alpine:2'] }));
  const { 'json-file': file = '', json = '', ...rest } = Object.fromEntries(outputs);
  assert.deepEqual(await readFile(file), list.bytes);
  assert.equal(json, JSON.stringify(JSON.parse(list.bytes.toString())));
  const names = ['ghcr.io/acme/app:1', 'docker.io/library/alpine:2'];
  const descriptor = { mediaType: list.mediaType, digest: list.digest, size: list.size };
  assert.deepEqual(rest, {
    digest: list.digest,
    'media-type': list.mediaType,
    size: String(list.size),
    platforms: 'linux/amd64,linux/arm/v7',
    tags: names.join('\n'),
    name: 'ghcr.io/acme/app',
    image: `ghcr.io/acme/app@${list.digest}`,
    images: `ghcr.io/acme/app@${list.digest}\ndocker.io/library/alpine@${list.digest}`,
    published: 'true',
    metadata: JSON.stringify({
      'containerimage.descriptor': descriptor,
      'containerimage.digest': list.digest,
      'image.name': names.join(','),
    }),
    changed: 'true',
    previous: JSON.stringify({ 'ghcr.io/acme/app:1': earlier, 'docker.io/library/alpine:2': null }),
    purged: '["alpine:2"]',
  });
});

const changes: readonly { name: string; in: Result['tags']; out: string }[] = [
  { name: 'a new tag', in: [tagOf('a:1')], out: 'true' },
  { name: 'a tag that moved', in: [tagOf('a:1', { state: 'moved', previous: earlier })], out: 'true' },
  {
    name: 'a tag that held it already',
    in: [tagOf('a:1', { state: 'unchanged', previous: list.digest as typeof earlier })],
    out: 'false',
  },
  {
    name: 'one of two',
    in: [tagOf('a:1', { state: 'unchanged', previous: list.digest as typeof earlier }), tagOf('a:2')],
    out: 'true',
  },
];

for (const { name, in: tags, out } of changes)
  test(`changed after ${name}: ${out}`, async () =>
    assert.equal(outputsOf(factsOf(await resultOf({ tags })))['changed'], out));

test('of several lists the first one is described, and output lists has them all', async (context) => {
  const first = await resultOf({ tags: [tagOf('ghcr.io/acme/a:1')], purged: ['a:1'] });
  const other = makeIndex([makeImage('linux/s390x')]);
  const held = { state: 'unchanged', previous: other.digest as typeof earlier } as const;
  const second = await resultOf({ tags: [tagOf('ghcr.io/acme/b:1', held)], purged: ['b:1'] }, other);
  const { outputs } = await writtenLists(context, [first, second], 'spec');
  assert.equal(outputs.get('digest'), list.digest);
  assert.equal(outputs.get('tags'), 'ghcr.io/acme/a:1');
  const images = [`ghcr.io/acme/a@${list.digest}`, `ghcr.io/acme/b@${other.digest}`];
  assert.equal(outputs.get('images'), images.join('\n'));
  assert.equal(outputs.get('purged'), '["a:1","b:1"]');
  const previous = { 'ghcr.io/acme/a:1': null, 'ghcr.io/acme/b:1': other.digest };
  assert.deepEqual(JSON.parse(outputs.get('previous') ?? ''), previous);
  const lists = JSON.parse(outputs.get('lists') ?? '') as { digest: string; 'json-file': string }[];
  const found = lists.map(({ digest }) => digest);
  assert.deepEqual(found, [list.digest, other.digest]);
  const { 'json-file': file = '', ...rest } = lists[1] ?? {};
  assert.deepEqual(await readFile(file), other.bytes);
  assert.deepEqual(rest, {
    digest: other.digest,
    'media-type': other.mediaType,
    size: other.bytes.byteLength,
    platforms: ['linux/s390x'],
    tags: ['ghcr.io/acme/b:1'],
    name: 'ghcr.io/acme/b',
    image: images[1],
    images: images.slice(1),
    changed: false,
    previous: { 'ghcr.io/acme/b:1': other.digest },
    'held-back': [],
  });
});

test('the compact JSON is the served document, whatever its spacing', async () => {
  const spaced = makeIndex([makeImage('linux/amd64')], {
    indent: 7,
    annotations: { 'a b': ' ä\u202e##[error]x ' },
  });
  const { json = '' } = outputsOf(factsOf(await resultOf({}, spaced)));
  assert.deepEqual(JSON.parse(json), JSON.parse(spaced.bytes.toString()));
  assert.doesNotMatch(json, /\n|##\[|\u202e|": /);
});

test('the JSON keeps numbers and the order of keys as they are written, and has no needless escapes', () => {
  const text = '{ "b": [1.50, 12345678901234567890,\n -0], "10": "a\\u00e9 \\" ", "9": {} }\n';
  const compact = '{"b":[1.50,12345678901234567890,-0],"10":"aé \\" ","9":{}}';
  assert.equal(compactJson(Buffer.from(text)), compact);
});

test('what is longer than the runner takes is left empty, and that is said', async (context) => {
  const large = makeIndex([makeImage('linux/amd64')], { annotations: { a: 'x'.repeat(600_000) } });
  const { outputs, told } = await written(context, await resultOf({}, large));
  assert.equal(outputs.get('json'), '');
  assert.equal(outputs.get('digest'), large.digest);
  assert.deepEqual(await readFile(outputs.get('json-file') ?? ''), large.bytes);
  assert.match(
    told.warnings.join(),
    /Output json is left empty: \d+ characters are more than the runner takes.*json-file/,
  );
});

test('all outputs together stay within the runner’s limit; the longest go first', async (context) => {
  const tags = Array.from({ length: 4000 }, (_, n) => tagOf(`ghcr.io/acme/app:v${'x'.repeat(40)}${n}`));
  const large = makeIndex([makeImage('linux/amd64')], { annotations: { a: 'x'.repeat(300_000) } });
  const { outputs, told } = await written(context, await resultOf({ tags }, large));
  const total = [...outputs.values()].reduce((sum, value) => sum + value.length, 0);
  assert(total <= 524_288, `${total} UTF-16 units`);
  for (const name of ['digest', 'media-type', 'size', 'platforms', 'image', 'changed'])
    assert.notEqual(outputs.get(name), '');
  const empty = [...outputs]
    .filter(([name, value]) => value === '' && name !== 'purged')
    .map(([name]) => name);
  assert.equal(told.warnings.length, empty.length);
});

test('a value that looks like the runner’s delimiter stays a value', async (context) => {
  const odd = makeIndex([makeImage('linux/amd64')], {
    annotations: { a: 'ghadelimiter_x\ndigest<<EOF\nsha256:0\nEOF' },
  });
  const { outputs } = await written(context, await resultOf({}, odd));
  assert.equal(outputs.get('digest'), odd.digest);
  assert.equal(outputs.size, 15);
});

test('files that cannot be written are warnings, for the publish stands', async () => {
  const told = new Told();
  const environment = { GITHUB_OUTPUT: '/nowhere/GITHUB_OUTPUT', RUNNER_TEMP: '/nowhere' };
  await writeOutputs(
    { form: 'inputs', results: [await resultOf()] },
    new InProcessRunner(environment, '/home/u', '/nowhere'),
    told,
  );
  assert.equal(told.warnings.length, 2);
  assert.match(told.warnings[0] ?? '', /json-file could not be written: .*ENOENT/);
  assert.match(told.warnings[1] ?? '', /Outputs could not be written: .*\(digest, .*json-file\)/);
});
