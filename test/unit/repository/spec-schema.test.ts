/** spec.schema.json says of a spec's shape what the parser says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { parseSpec } from '../../../src/actions/input/spec-input.ts';
import { manifestToolKeys, manifestToolPlatformKeys } from '../../../src/spec/manifest-tool-form.ts';
import { specInputs, stepInputs } from '../../../src/spec/spec-inputs.ts';
import { accepts, type Schema } from './json-schema.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../../spec.schema.json', import.meta.url), 'utf8'),
) as Schema & { readonly definitions: Readonly<Record<string, Schema>> };

describe('a spec that the schema and the parser judge alike', () => {
  const table: readonly { name: string; in: string; out: 'right' | 'wrong' }[] = [
    { name: 'a list of one', in: '[{tags: a/b:1, sources: a/b:2}]', out: 'right' },
    { name: 'an entry alone', in: '{tags: a/b:1, sources: a/b:2}', out: 'right' },
    {
      name: 'lists of items',
      in: '{tags: [a/b:1, a/b:3], sources: [a/b:2], platforms: [linux/amd64]}',
      out: 'right',
    },
    {
      name: 'a mapping of annotations',
      in: '{tags: a/b:1, sources: a/b:2, annotations: {a: b, c: 1}}',
      out: 'right',
    },
    {
      name: 'empty values',
      in: '{tags: a/b:1, sources: a/b:2, platforms: , format: , amend: ""}',
      out: 'right',
    },
    {
      name: 'flags and numbers',
      in: '{tags: a/b:1, sources: a/b:2, prefer-index: false, format: oci}',
      out: 'right',
    },
    {
      name: "manifest-tool's form",
      in: '{image: a/b:1, tags: [1], manifests: [{image: a/b:2, platform: {os: linux, architecture: arm64, variant: v8, features: [a], os.version: 10.0, os.features: [b]}}]}',
      out: 'right',
    },
    {
      name: 'both forms side by side',
      in: '[{image: a/b:1, manifests: [{image: a/b:2}]}, {tags: a/c:1, sources: a/c:2}]',
      out: 'right',
    },
    { name: 'nothing', in: '[]', out: 'wrong' },
    { name: 'a text', in: 'a', out: 'wrong' },
    { name: 'an entry that is text', in: '[a]', out: 'wrong' },
    { name: 'no sources', in: '{tags: a/b:1}', out: 'wrong' },
    { name: 'no tags', in: '{sources: a/b:1}', out: 'wrong' },
    { name: 'empty tags', in: '{tags: "", sources: a/b:1}', out: 'wrong' },
    { name: 'an empty list of sources', in: '{tags: a/b:1, sources: []}', out: 'wrong' },
    { name: 'an unknown key', in: '{tags: a/b:1, sources: a/b:2, tag: x}', out: 'wrong' },
    { name: 'a key for the whole step', in: '{tags: a/b:1, sources: a/b:2, push: false}', out: 'wrong' },
    {
      name: 'a list where one value belongs',
      in: '{tags: a/b:1, sources: a/b:2, format: [oci]}',
      out: 'wrong',
    },
    { name: 'a mapping where items belong', in: '{tags: {a: b}, sources: a/b:2}', out: 'wrong' },
    { name: 'a mapping among items', in: '{tags: a/b:1, sources: [{digest: x}]}', out: 'wrong' },
    {
      name: 'a list among annotations',
      in: '{tags: a/b:1, sources: a/b:2, annotations: {a: [b]}}',
      out: 'wrong',
    },
    { name: 'mixed forms', in: '{image: a/b:1, sources: a/b:2}', out: 'wrong' },
    { name: 'no manifests', in: '{image: a/b:1}', out: 'wrong' },
    { name: 'empty manifests', in: '{image: a/b:1, manifests: []}', out: 'wrong' },
    {
      name: 'a manifest without image',
      in: '{image: a/b:1, manifests: [{platform: {os: linux}}]}',
      out: 'wrong',
    },
    {
      name: 'a platform as text',
      in: '{image: a/b:1, manifests: [{image: a/b:2, platform: linux/amd64}]}',
      out: 'wrong',
    },
    {
      name: 'an unknown part of a platform',
      in: '{image: a/b:1, manifests: [{image: a/b:2, platform: {cpu: x}}]}',
      out: 'wrong',
    },
    { name: 'too many lists', in: `[${'{tags: x, sources: y}, '.repeat(257)}]`, out: 'wrong' },
  ];
  for (const row of table)
    it(`${row.out}: ${row.name}`, async () => {
      const { problems } = await parseSpec(row.in);
      assert.equal(
        problems.length === 0 ? 'right' : 'wrong',
        row.out,
        problems.map(({ message }) => message).join(),
      );
      assert.equal(accepts(schema, parse(row.in), schema) ? 'right' : 'wrong', row.out);
    });
});

describe('the names in the schema are those of the parser', () => {
  const keys = (name: string) => Object.keys(schema.definitions[name]?.properties ?? {});
  it('inputs', () => assert.deepEqual(keys('inputs'), Object.keys(specInputs)));
  it("manifest-tool's keys", () =>
    assert.deepEqual(keys('manifestTool').toSorted(), manifestToolKeys.toSorted()));
  it("manifest-tool's platform", () => {
    const platform =
      schema.definitions['manifestTool']?.properties?.['manifests']?.items?.properties?.['platform'];
    assert.deepEqual(Object.keys(platform?.properties ?? {}), Object.keys(manifestToolPlatformKeys));
  });
  it('every input of the action belongs to a list or to the step', () => {
    const names = new Set([...Object.keys(specInputs), ...stepInputs]);
    const action = parse(readFileSync(new URL('../../../action.yml', import.meta.url), 'utf8')) as {
      readonly inputs: Readonly<Record<string, unknown>>;
    };
    const found = Object.keys(action.inputs).filter((name) => !names.has(name));
    assert.deepEqual(found, []);
  });
});
