import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusals } from '../../../support/rigs/source-parsing.ts';

describe('bad lines', () => {
  const cases = [
    [
      'nothing at all',
      '\n # none\n',
      /^lists no source; if an expression stands there, its value is empty \(expected: registry/,
    ],
    [
      'no tag',
      'ghcr.io/acme/app',
      /^1: "ghcr\.io\/acme\/app" has neither a tag nor a digest, and "latest" is not assumed/,
    ],
    ['no tag beside a port', 'localhost:5000/app', /neither a tag nor a digest/],
    ['upper case', 'ghcr.io/Acme/app:1', /upper-case letters: write "acme\/app"/],
    ['two on a line', 'a:1,b:1', /contains a comma \(expected: one source per line\)/],
    ['a URL', 'https://ghcr.io/acme/app:1', /is a URL/],
    ['a short digest', 'sha256:abc', /has 3 characters after the colon/],
    ['a short digest in a layout', 'oci:dir@sha256:abc', /has 3 characters after the colon/],
    ['no path', 'digests:', /"digests:" has no path/],
    ['no path before a tag', 'oci::v1', /has no path \(expected: oci:DIR, oci:DIR:tag/],
    ['no name in a layout', 'oci:dir:', /"" is not the name of an image/],
    ['an open quote', 'a:1 annotation.a="b', /a double quote is not closed/],
    [
      'a comment after a source',
      'a:1 linux/amd64 # amd64',
      /^1: a comment follows the source on its line \(expected: comments on lines of their own\)/,
    ],
    [
      'two sources on a line',
      'a:1 linux/amd64 b:1 linux/arm64',
      /^1: "b:1" is a second source on the line \(expected: one source per line, in a block/,
    ],
    ['a YAML list', '\n# two\n- a:1\n- b:1', /^3: is a YAML list.*remove "- "/],
    ['null', ' null\n', /^is null: the job or its outputs do not exist/],
    ['a platform of one part', 'a:1 amd64', /^1: platform "amd64" has/],
    ['a word too many', 'a:1 linux/amd64 linux/arm64', /"linux\/arm64" is an extra word/],
    ['an unknown key', 'a:1 platform=linux', /^1: "platform" is not a key \(expected: os=, arch=/],
    ['a key twice', 'a:1 os=linux os=linux os=linux', /"os" is given more than once/],
    ['an empty key', 'a:1 arch=', /arch="" is not valid/],
    ['an annotation without name', 'a:1 annotation.=b', /has no annotation name/],
    [
      'a platform given both ways that disagrees',
      'a:1 linux/amd64 arch=arm64',
      /the line declares both linux\/amd64 and linux\/arm64/,
    ],
    [
      'a variant given both ways that disagrees',
      'a:1 linux/arm/v7 variant=v6',
      /the line declares both linux\/arm\/v7 and linux\/arm\/v6/,
    ],
    ['an unknown placeholder', 'a:{arc}', /has the placeholder "\{arc\}" \(expected: \{os\}, \{arch\}/],
    ['a NUL', 'a:1\u0000', /contains a control character/],
    ['a carriage return within', 'a:1\rb:1', /contains a control character/],
    ["Unicode's line separator", 'a:1 annotation.a="b\u2028c"', /contains a control character/],
  ] as const;
  for (const [name, text, message] of cases)
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
