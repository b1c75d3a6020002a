import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSources } from '../../../../src/sources/input/parse-sources.ts';
import { platforms, refusals } from '../../../support/rigs/source-parsing.ts';

describe('bad lines', () => {
  const cases = [
    { name: 'nothing at all', in: '\n # none\n', message: /^lists no source \(expected: registry/ },
    {
      name: 'no tag',
      in: 'ghcr.io/acme/app',
      message: /^1: "ghcr\.io\/acme\/app" has neither a tag nor a digest, and "latest" is not assumed/,
    },
    { name: 'no tag beside a port', in: 'localhost:5000/app', message: /neither a tag nor a digest/ },
    { name: 'upper case', in: 'ghcr.io/Acme/app:1', message: /upper-case letters: write "acme\/app"/ },
    { name: 'two on a line', in: 'a:1,b:1', message: /contains a comma \(expected: one source per line\)/ },
    { name: 'a URL', in: 'https://ghcr.io/acme/app:1', message: /is a URL/ },
    { name: 'a short digest', in: 'sha256:abc', message: /has 3 characters after the colon/ },
    {
      name: 'a short digest in a layout',
      in: 'oci:dir@sha256:abc',
      message: /has 3 characters after the colon/,
    },
    { name: 'no path', in: 'digests:', message: /"digests:" has no path/ },
    { name: 'no path before a tag', in: 'oci::v1', message: /has no path \(expected: oci:DIR, oci:DIR:tag/ },
    { name: 'no name in a layout', in: 'oci:dir:', message: /"" is not the name of an image/ },
    { name: 'an open quote', in: 'a:1 annotation.a="b', message: /a double quote is not closed/ },
    {
      name: 'a comment after a source',
      in: 'a:1 linux/amd64 # amd64',
      message: /^1: a comment follows the source on its line \(expected: comments on lines of their own\)/,
    },
    {
      name: 'two sources on a line',
      in: 'a:1 linux/amd64 b:1 linux/arm64',
      message: /^1: "b:1" is a second source on the line \(expected: one source per line, in a block/,
    },
    { name: 'a YAML list', in: '\n# two\n- a:1\n- b:1', message: /^3: is a YAML list.*remove "- "/ },
    { name: 'null', in: ' null\n', message: /^is null: the job or its outputs do not exist/ },
    { name: 'a platform of one part', in: 'a:1 amd64', message: /^1: platform "amd64" has/ },
    {
      name: 'a word too many',
      in: 'a:1 linux/amd64 linux/arm64',
      message: /"linux\/arm64" is an extra word/,
    },
    {
      name: 'an unknown key',
      in: 'a:1 platform=linux',
      message: /^1: "platform" is not a key \(expected: os=, arch=/,
    },
    { name: 'a key twice', in: 'a:1 os=linux os=linux os=linux', message: /"os" is given more than once/ },
    { name: 'an empty key', in: 'a:1 arch=', message: /arch="" is not valid/ },
    { name: 'an annotation without name', in: 'a:1 annotation.=b', message: /has no annotation name/ },
    {
      name: 'a platform given both ways that disagrees',
      in: 'a:1 linux/amd64 arch=arm64',
      message: /the line declares both linux\/amd64 and linux\/arm64/,
    },
    {
      name: 'a variant given both ways that disagrees',
      in: 'a:1 linux/arm/v7 variant=v6',
      message: /the line declares both linux\/arm\/v7 and linux\/arm\/v6/,
    },
    {
      name: 'an unknown placeholder',
      in: 'a:{arc}',
      message: /has the placeholder "\{arc\}" \(expected: \{os\}, \{arch\}/,
    },
    { name: 'a NUL', in: 'a:1\u0000', message: /contains a control character/ },
    { name: 'a carriage return within', in: 'a:1\rb:1', message: /contains a control character/ },
    {
      name: "Unicode's line separator",
      in: 'a:1 annotation.a="b\u2028c"',
      message: /contains a control character/,
    },
  ];
  for (const { name, in: text, message } of cases)
    it(`refuses ${name}`, () => {
      const found = refusals(text);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', message);
    });

  it('refuses a template when there are no platforms', () =>
    assert.match(
      refusals('a:{arch}', [])[0] ?? '',
      /is a template without platforms \(expected: the `platforms` input/,
    ));

  it('lists every problem at once, with its line', () => {
    const found = refusals('a\n\nb:1 os=\n#\nc:1 x=y z=1\nd:1');
    const seen = found.map((message) => message.slice(0, 2));
    assert.deepEqual(seen, ['1:', '3:', '5:', '5:']);
  });
});

describe('hostile input takes linear time', () => {
  const cases = {
    'a megabyte of reference': 'a'.repeat(1_000_000),
    'a megabyte of words': 'a '.repeat(500_000),
    'a megabyte of keys': `a:1${' variant='.repeat(100_000)}`,
    'a megabyte of quotes': '"'.repeat(1_000_001),
    'a megabyte of placeholders': '{os}'.repeat(250_000),
    'a megabyte of brackets': '['.repeat(1_000_000),
    'a megabyte of escapes': `{"${'\\'.repeat(1_000_000)}`,
    'lines that open JSON': '{"a":[\n'.repeat(100_000),
    'lines that open JSON and break off': '{"a":[\n{"b\n'.repeat(100_000),
    'lines that are wrong': 'A\n'.repeat(100_000),
  };
  for (const [name, text] of Object.entries(cases))
    it(name, () => {
      const start = process.cpuUsage();
      const { problems } = parseSources(text, platforms);
      const { user } = process.cpuUsage(start);
      assert.ok(problems.length > 0 && problems.length <= 4097);
      assert.ok(problems.every(({ message }) => message.length < 600));
      assert.ok(user < 3_000_000, `took ${user} µs of processor time`);
    });
});
