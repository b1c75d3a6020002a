import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse, refusals } from '../../../support/rigs/source-parsing.ts';

const hex = '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945';
const digest = `sha256:${hex}`;
const sha512 = `sha512:${hex}${hex}`;
const app = { registry: 'ghcr.io', path: 'acme/app' };

describe('JSON', () => {
  const descriptor = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 7 };

  it('a descriptor on a line, followed by a platform and keys', () => {
    const [line, next] = parse(`${JSON.stringify(descriptor)} linux/arm64 annotation.a=b\na:1`);
    assert.deepEqual(line?.locator, { kind: 'descriptor', descriptor });
    assert.deepEqual(line.declared, { os: 'linux', architecture: 'arm64' });
    assert.deepEqual(line.annotations, { a: 'b' });
    assert.equal(next?.line, 2);
  });

  it('descriptors over several lines, one after the other', () => {
    const text = JSON.stringify(descriptor, null, 2);
    const found = parse(`${text}\n${text} linux/amd64\na:1`).map(({ line, locator }) => [line, locator.kind]);
    assert.deepEqual(found, [
      [1, 'descriptor'],
      [6, 'descriptor'],
      [11, 'reference'],
    ]);
  });

  it('the outputs of a job: digests, references, whole lines, in their order', () => {
    const text = JSON.stringify(
      { 'digest-amd64': digest, more: ['a:1', 'b:2 linux/arm64\n# c\nc:3'] },
      null,
      2,
    );
    const found = parse(text).map(({ line, text, locator }) => ({ line, text, kind: locator.kind }));
    assert.deepEqual(found, [
      { line: 1, text: `digest-amd64: ${digest}`, kind: 'digest' },
      { line: 1, text: 'more[0]: a:1', kind: 'reference' },
      { line: 1, text: 'more[1]: b:2 linux/arm64', kind: 'reference' },
      { line: 1, text: 'more[1]: c:3', kind: 'reference' },
    ]);
  });

  it('an array, numbers and booleans passed over', () =>
    assert.equal(parse(JSON.stringify([digest, 1, true, { pushed: false, image: 'a:1' }])).length, 2));

  it('outputs that are JSON themselves: build metadata with its names, and without', () => {
    const named = {
      'containerimage.digest': digest,
      'image.name': 'ghcr.io/acme/app:1,acme/app:1',
      'buildx.build.ref': 'a/b',
    };
    const bare = {
      'buildx.build.warnings': [{ detail: 'x' }],
      app: { 'containerimage.descriptor': { digest } },
    };
    const lines = parse(JSON.stringify({ a: JSON.stringify(named, null, 2), b: JSON.stringify(bare) }));
    const found = lines.map(({ locator }) => locator);
    assert.deepEqual(found, [
      { kind: 'reference', repository: app, tag: '1', digest },
      { kind: 'digest', digest },
    ]);
  });

  it('the needs context: the outputs of jobs that succeeded', () => {
    const needs = {
      amd64: { result: 'success', outputs: { digest } },
      lint: { result: 'success', outputs: {} },
    };
    const found = parse(JSON.stringify(needs)).map(({ text }) => text);
    assert.deepEqual(found, [`amd64.outputs.digest: ${digest}`]);
    const failed = JSON.stringify({ amd64: { result: 'failure', outputs: {} } });
    assert.match(refusals(failed)[0] ?? '', /^1: amd64: the job ended as "failure"/);
  });

  const refused = [
    [
      'a string that is not a source',
      '{"version":"1.2.3"}',
      /^1: version: "1\.2\.3" has neither a tag nor a digest/,
    ],
    ['an empty string', '{"a":{"b":[""]}}', /^1: a\.b\[0\]: is empty, not a source/],
    ['null', '["a:1",null]', /^1: \[1\]: is null/],
    ['an odd key', '{"a b":"x"}', /^1: \["a b"\]: "x" has neither/],
    ['no outputs', '{}', /^1: "\{\}" is empty: the job set no outputs/],
    ['numbers only', '[1]', /^/],
    ['no end', '\n{"a":\n"b:1"', /^2: the JSON that starts here is not closed/],
    ['text that is not JSON', '{"a":b:1}', /^1: the document is not JSON/],
    ['the same key twice', '{"a":"b:1","a":"c:1"}', /^1: the document has the key "a" twice/],
    ['deep nesting', `${'['.repeat(1000)}${']'.repeat(1000)}`, /nests deeper/],
    ['words after a list', '{"a":"b:1"} linux/amd64', /^1: .*follows JSON that lists sources/],
    ['words glued to it', '{"a":"b:1"}x', /^1: "x" follows JSON/],
    ['a broken descriptor', `{"mediaType":"a/b","digest":"${digest}"}`, /^1: .*size/],
    [
      'metadata with two digests',
      `{"containerimage.digest":"${digest}","containerimage.descriptor":{"digest":"${sha512}"}}`,
      /^1: containerimage\.digest is/,
    ],
    ['a control character within', '{"a":"b:1\\u0007"}', /^1: a: "b:1\\u0007" contains a control character/],
  ] as const;
  for (const [name, text, message] of refused)
    it(`refuses ${name}`, () => {
      const found = refusals(text);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', message);
    });
});
