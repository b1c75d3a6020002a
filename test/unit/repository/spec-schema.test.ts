/** spec.schema.json says of a spec's shape what the parser says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { parseSpec } from '../../../src/actions/input/spec-input.ts';
import { manifestToolKeys, manifestToolPlatformKeys } from '../../../src/spec-input/manifest-tool-form.ts';
import { specInputs, stepInputs } from '../../../src/spec-input/spec-inputs.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const schema = JSON.parse(readFileSync(new URL('../../../spec.schema.json', import.meta.url), 'utf8')) as {
  readonly definitions: Readonly<Record<string, Schema>>;
};
const isValid = new Ajv({ allowUnionTypes: true }).compile(schema);

describe('a spec that the schema and the parser judge alike', () => {
  const table: readonly (readonly [name: string, given: string, out: 'right' | 'wrong'])[] = [
    ['a list of one', '[{tags: a/b:1, sources: a/b:2}]', 'right'],
    ['an entry alone', '{tags: a/b:1, sources: a/b:2}', 'right'],
    ['lists of items', '{tags: [a/b:1, a/b:3], sources: [a/b:2], platforms: [linux/amd64]}', 'right'],
    ['a mapping of annotations', '{tags: a/b:1, sources: a/b:2, annotations: {a: b, c: 1}}', 'right'],
    ['empty values', '{tags: a/b:1, sources: a/b:2, platforms: , format: , amend: ""}', 'right'],
    ['flags and numbers', '{tags: a/b:1, sources: a/b:2, prefer-index: false, format: oci}', 'right'],
    [
      "manifest-tool's form",
      '{image: a/b:1, tags: [1], manifests: [{image: a/b:2, platform: {os: linux, architecture: arm64, variant: v8, features: [a], os.version: 10.0, os.features: [b]}}]}',
      'right',
    ],
    [
      'both forms side by side',
      '[{image: a/b:1, manifests: [{image: a/b:2}]}, {tags: a/c:1, sources: a/c:2}]',
      'right',
    ],
    ['nothing', '[]', 'wrong'],
    ['a text', 'a', 'wrong'],
    ['an entry that is text', '[a]', 'wrong'],
    ['no sources', '{tags: a/b:1}', 'wrong'],
    ['no tags', '{sources: a/b:1}', 'wrong'],
    ['empty tags', '{tags: "", sources: a/b:1}', 'wrong'],
    ['an empty list of sources', '{tags: a/b:1, sources: []}', 'wrong'],
    ['an optional list without sources', '{tags: a/b:1, sources: "", optional: true}', 'right'],
    ['an optional list without the key', '{tags: a/b:1, optional: true}', 'wrong'],
    ['a list that is not optional', '{tags: a/b:1, sources: [], optional: false}', 'wrong'],
    ['an optional list of a third kind', '{tags: a/b:1, sources: a/b:2, optional: maybe}', 'wrong'],
    ['an unknown key', '{tags: a/b:1, sources: a/b:2, tag: x}', 'wrong'],
    ['a key for the whole step', '{tags: a/b:1, sources: a/b:2, push: false}', 'wrong'],
    ['a list where one value belongs', '{tags: a/b:1, sources: a/b:2, format: [oci]}', 'wrong'],
    ['a mapping where items belong', '{tags: {a: b}, sources: a/b:2}', 'wrong'],
    ['a mapping among items', '{tags: a/b:1, sources: [{digest: x}]}', 'wrong'],
    ['a list among annotations', '{tags: a/b:1, sources: a/b:2, annotations: {a: [b]}}', 'wrong'],
    ['mixed forms', '{image: a/b:1, sources: a/b:2}', 'wrong'],
    ['no manifests', '{image: a/b:1}', 'wrong'],
    ['empty manifests', '{image: a/b:1, manifests: []}', 'wrong'],
    ['a manifest without image', '{image: a/b:1, manifests: [{platform: {os: linux}}]}', 'wrong'],
    ['a platform as text', '{image: a/b:1, manifests: [{image: a/b:2, platform: linux/amd64}]}', 'wrong'],
    [
      'an unknown part of a platform',
      '{image: a/b:1, manifests: [{image: a/b:2, platform: {cpu: x}}]}',
      'wrong',
    ],
    ['too many lists', `[${'{tags: x, sources: y}, '.repeat(257)}]`, 'wrong'],
  ];
  for (const [name, input, out] of table)
    it(`${out}: ${name}`, async () => {
      const { problems } = await parseSpec(input);
      assert.equal(
        problems.length === 0 ? 'right' : 'wrong',
        out,
        problems.map(({ message }) => message).join(),
      );
      assert.equal(isValid(parse(input)) ? 'right' : 'wrong', out);
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
