import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { parseSources } from '../../../src/sources/line.ts';

const hex = '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945';
const digest = `sha256:${hex}`;
const sha512 = `sha512:${hex}${hex}`;
const app = { registry: 'ghcr.io', path: 'acme/app' };
const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map(parsePlatform);

/** The parts of each line that a case is about: locator, and what the line declares when it does. */
function parse(text: string, over = platforms) {
  const { lines, problems } = parseSources(text, over);
  assert.deepEqual(problems, []);
  return lines;
}

function refusals(text: string, over = platforms): readonly string[] {
  return parseSources(text, over).problems.map(({ input, line, message }) => {
    assert.equal(input, 'sources');
    return line === undefined ? message : `${line}: ${message}`;
  });
}

describe('what a source names', () => {
  const cases = [
    { name: 'a tag', in: 'ghcr.io/acme/app:1.0', out: { kind: 'reference', repository: app, tag: '1.0' } },
    {
      name: 'a digest in a repository',
      in: `ghcr.io/acme/app@${digest}`,
      out: { kind: 'reference', repository: app, digest },
    },
    {
      name: 'tag and digest',
      in: `ghcr.io/acme/app:1@${digest}`,
      out: { kind: 'reference', repository: app, tag: '1', digest },
    },
    {
      name: 'Docker Hub',
      in: 'alpine:3',
      out: { kind: 'reference', repository: { registry: 'docker.io', path: 'library/alpine' }, tag: '3' },
    },
    {
      name: 'an IPv6 host',
      in: '[::1]:5000/app:1',
      out: { kind: 'reference', repository: { registry: '[::1]:5000', path: 'app' }, tag: '1' },
    },
    { name: 'a bare digest', in: digest, out: { kind: 'digest', digest } },
    { name: 'a bare sha512 digest', in: sha512, out: { kind: 'digest', digest: sha512 } },
    { name: 'a layout', in: 'oci:out/app', out: { kind: 'oci', path: 'out/app' } },
    {
      name: 'a tag in a layout',
      in: 'oci:out/app:v1',
      out: { kind: 'oci', path: 'out/app', pick: { tag: 'v1' } },
    },
    {
      name: 'a digest in a layout',
      in: `oci:out/app@${digest}`,
      out: { kind: 'oci', path: 'out/app', pick: { digest } },
    },
    {
      name: 'both in a layout: the digest wins',
      in: `oci:out/app:v1@${digest}`,
      out: { kind: 'oci', path: 'out/app', pick: { digest } },
    },
    { name: 'an @ in a path', in: 'oci:out/@acme/app', out: { kind: 'oci', path: 'out/@acme/app' } },
    {
      name: 'a reference as name in an archive',
      in: 'oci-archive:app.tar:docker.io/acme/app:1',
      out: { kind: 'oci-archive', path: 'app.tar', pick: { tag: 'docker.io/acme/app:1' } },
    },
    {
      name: 'a Windows path',
      in: 'oci-archive:C:\\out\\app.tar:v1',
      out: { kind: 'oci-archive', path: 'C:\\out\\app.tar', pick: { tag: 'v1' } },
    },
    {
      name: 'a Windows path with slashes',
      in: 'oci-archive:C:/out/app.tar',
      out: { kind: 'oci-archive', path: 'C:/out/app.tar' },
    },
    {
      name: 'a quoted path',
      in: '"oci-archive:my images/app.tar"',
      out: { kind: 'oci-archive', path: 'my images/app.tar' },
    },
    {
      name: 'a path with a quoted part',
      in: 'digests:"my digests"',
      out: { kind: 'digests', path: 'my digests' },
    },
    {
      name: 'a directory of digests',
      in: 'digests:/tmp/digests',
      out: { kind: 'digests', path: '/tmp/digests' },
    },
    { name: 'a metadata file', in: 'metadata:bake.json', out: { kind: 'metadata', path: 'bake.json' } },
    {
      name: 'a draft, by the name docker gives it',
      in: 'docker-manifest:acme/app',
      out: { kind: 'docker-manifest', name: 'docker.io/acme/app:latest' },
    },
  ];
  for (const { name, in: text, out } of cases) {
    it(name, () => {
      assert.deepEqual(parse(text), [{ text, line: 1, locator: out, declared: {}, annotations: {} }]);
    });
  }
});

describe('what a line declares', () => {
  const cases = [
    { in: 'linux/arm/v7', out: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    { in: 'Linux/ARM64', out: { os: 'linux', architecture: 'arm64' } },
    { in: 'os=linux arch=arm variant=v6', out: { os: 'linux', architecture: 'arm', variant: 'v6' } },
    { in: 'variant=v6', out: { variant: 'v6' } },
    { in: 'arch=arm variant=', out: { architecture: 'arm' } },
    {
      in: 'windows/amd64 os-version=10.0.20348.2113',
      out: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2113' },
    },
    {
      in: 'windows/amd64 os-features=win32k,a',
      out: { os: 'windows', architecture: 'amd64', 'os.features': ['win32k', 'a'] },
    },
    { in: 'linux/arm64 arch=aarch64 variant=v8', out: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { in: 'linux/arm variant=v6', out: { os: 'linux', architecture: 'arm', variant: 'v6' } },
    { in: '"linux/amd64"\tos=linux', out: { os: 'linux', architecture: 'amd64' } },
  ];
  for (const { in: words, out } of cases) {
    it(words, () => assert.deepEqual(parse(`ghcr.io/acme/app:1 ${words}`)[0]?.declared, out));
  }

  it('annotations, quoted either way, with an equals sign or nothing as value', () => {
    const [line] = parse('a:1 annotation.t="My ""App""" "annotation.d=a = b" annotation.u=x=y annotation.e=');
    assert.deepEqual(line?.annotations, { t: 'My "App"', d: 'a = b', u: 'x=y', e: '' });
  });
});

describe('lists', () => {
  it('one source a line; blank lines and comments count as lines', () => {
    const lines = parse('\n  # amd64\n  a:1  \r\n\n\tb:1 linux/arm64\n');
    assert.deepEqual(
      lines.map(({ line, text }) => ({ line, text })),
      [
        { line: 3, text: 'a:1' },
        { line: 5, text: 'b:1 linux/arm64' },
      ],
    );
  });

  it('a byte order mark is white space', () => assert.equal(parse('\ufeffa:1').length, 1));

  it('4096 sources are a list, one more is not', () => {
    assert.equal(parse('a:1\n'.repeat(4096)).length, 4096);
    const { lines, problems } = parseSources('a:1\n'.repeat(100_000), []);
    assert.equal(lines.length, 4096);
    assert.deepEqual(problems, [
      {
        input: 'sources',
        line: 4097,
        message: 'lists more than 4096 sources; one list holds at most that many; the rest was not read',
      },
    ]);
  });
});

describe('templates', () => {
  const cases = [
    { in: 'app:{arch}', out: ['app:amd64', 'app:arm64', 'app:arm'] },
    { in: 'app:1-{platform}', out: ['app:1-linux-amd64', 'app:1-linux-arm64', 'app:1-linux-arm-v7'] },
    { in: '{arch}{variant}/app:{os}', out: ['amd64/app:linux', 'arm64/app:linux', 'armv7/app:linux'] },
    {
      in: 'oci-archive:out/{platform}.tar',
      out: [
        'oci-archive:out/linux-amd64.tar',
        'oci-archive:out/linux-arm64.tar',
        'oci-archive:out/linux-arm-v7.tar',
      ],
    },
    {
      in: 'digests:out/{arch} os-version=1',
      out: [
        'digests:out/amd64 os-version=1',
        'digests:out/arm64 os-version=1',
        'digests:out/arm os-version=1',
      ],
    },
  ];
  for (const { in: text, out } of cases) {
    it(text, () => {
      const lines = parse(text);
      assert.deepEqual(
        lines.map((line) => line.text),
        out,
      );
      assert.deepEqual(
        lines.map(({ declared: { os, architecture, variant } }) => ({ os, architecture, variant })),
        [
          { os: 'linux', architecture: 'amd64', variant: undefined },
          { os: 'linux', architecture: 'arm64', variant: undefined },
          { os: 'linux', architecture: 'arm', variant: 'v7' },
        ],
      );
    });
  }

  it('platforms that lead to one source declare what they have in common', () => {
    const over = ['linux/arm/v6', 'linux/arm/v7', 'windows/amd64'].map(parsePlatform);
    assert.deepEqual(
      parse('app:{os}', over).map(({ text, declared }) => ({ text, declared })),
      [
        { text: 'app:linux', declared: { os: 'linux', architecture: 'arm' } },
        { text: 'app:windows', declared: { os: 'windows', architecture: 'amd64' } },
      ],
    );
  });

  it("the line's own words win, and take the template's variant with them", () => {
    const [line] = parse('app:{arch} arch=arm64', [parsePlatform('linux/arm/v7')]);
    assert.deepEqual(line?.declared, { os: 'linux', architecture: 'arm64' });
  });
});

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
    assert.deepEqual(
      parse(`${text}\n${text} linux/amd64\na:1`).map(({ line, locator }) => [line, locator.kind]),
      [
        [1, 'descriptor'],
        [6, 'descriptor'],
        [11, 'reference'],
      ],
    );
  });

  it('the outputs of a job: digests, references, whole lines, in their order', () => {
    const text = JSON.stringify(
      { 'digest-amd64': digest, more: ['a:1', 'b:2 linux/arm64\n# c\nc:3'] },
      null,
      2,
    );
    assert.deepEqual(
      parse(text).map(({ line, text, locator }) => ({ line, text, kind: locator.kind })),
      [
        { line: 1, text: `digest-amd64: ${digest}`, kind: 'digest' },
        { line: 1, text: 'more[0]: a:1', kind: 'reference' },
        { line: 1, text: 'more[1]: b:2 linux/arm64', kind: 'reference' },
        { line: 1, text: 'more[1]: c:3', kind: 'reference' },
      ],
    );
  });

  it('an array, numbers and booleans passed over', () => {
    assert.equal(parse(JSON.stringify([digest, 1, true, { pushed: false, image: 'a:1' }])).length, 2);
  });

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
    assert.deepEqual(
      lines.map(({ locator }) => locator),
      [
        { kind: 'reference', repository: app, tag: '1', digest },
        { kind: 'digest', digest },
      ],
    );
  });

  it('the needs context: the outputs of jobs that succeeded', () => {
    const needs = {
      amd64: { result: 'success', outputs: { digest } },
      lint: { result: 'success', outputs: {} },
    };
    assert.deepEqual(
      parse(JSON.stringify(needs)).map(({ text }) => text),
      [`amd64.outputs.digest: ${digest}`],
    );
    const failed = JSON.stringify({ amd64: { result: 'failure', outputs: {} } });
    assert.match(refusals(failed)[0] ?? '', /^1: amd64: the job ended as "failure"/);
  });

  const refused = [
    {
      name: 'a string that is no source',
      in: '{"version":"1.2.3"}',
      message: /^1: version: "1\.2\.3" has neither a tag nor a digest/,
    },
    { name: 'an empty string', in: '{"a":{"b":[""]}}', message: /^1: a\.b\[0\]: "" names no source/ },
    { name: 'null', in: '["a:1",null]', message: /^1: \[1\]: is null/ },
    { name: 'an odd key', in: '{"a b":"x"}', message: /^1: \["a b"\]: "x" has neither/ },
    { name: 'nothing', in: '{}', message: /^1: "\{\}" lists no source/ },
    { name: 'no end', in: '\n{"a":\n"b:1"', message: /^2: the JSON that starts here is not closed/ },
    { name: 'no JSON', in: '{"a":b:1}', message: /^1: the document is not JSON/ },
    {
      name: 'the same key twice',
      in: '{"a":"b:1","a":"c:1"}',
      message: /^1: the document has the key "a" twice/,
    },
    { name: 'deep nesting', in: `${'['.repeat(1000)}${']'.repeat(1000)}`, message: /nests deeper/ },
    {
      name: 'words after a list',
      in: '{"a":"b:1"} linux/amd64',
      message: /^1: .*follows JSON that lists sources/,
    },
    { name: 'words glued to it', in: '{"a":"b:1"}x', message: /^1: "x" follows JSON/ },
    { name: 'a broken descriptor', in: `{"mediaType":"a/b","digest":"${digest}"}`, message: /^1: .*size/ },
    {
      name: 'metadata with two digests',
      in: `{"containerimage.digest":"${digest}","containerimage.descriptor":{"digest":"${sha512}"}}`,
      message: /^1: containerimage\.digest is/,
    },
    {
      name: 'a control character within',
      in: '{"a":"b:1\\u0007"}',
      message: /^1: a: "b:1\\u0007" holds a control character/,
    },
  ];
  for (const { name, in: text, message } of refused) {
    it(`refuses ${name}`, () => {
      const found = refusals(text);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', message);
    });
  }
});

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
    { name: 'two on a line', in: 'a:1,b:1', message: /holds a comma \(expected: one source a line\)/ },
    { name: 'a URL', in: 'https://ghcr.io/acme/app:1', message: /is a URL/ },
    { name: 'a short digest', in: 'sha256:abc', message: /has 3 characters after the colon/ },
    {
      name: 'a short digest in a layout',
      in: 'oci:dir@sha256:abc',
      message: /has 3 characters after the colon/,
    },
    { name: 'no path', in: 'digests:', message: /"digests:" names no path/ },
    {
      name: 'no path before a tag',
      in: 'oci::v1',
      message: /names no path \(expected: oci:DIR, oci:DIR:tag/,
    },
    { name: 'no name in a layout', in: 'oci:dir:', message: /"" is no name of an image/ },
    { name: 'an open quote', in: 'a:1 annotation.a="b', message: /a double quote is not closed/ },
    {
      name: 'a comment after a source',
      in: 'a:1 linux/amd64 # amd64',
      message: /^1: "#" follows a source; a comment has a line of its own/,
    },
    { name: 'a platform of one part', in: 'a:1 amd64', message: /^1: platform "amd64" has/ },
    {
      name: 'a word too many',
      in: 'a:1 linux/amd64 linux/arm64',
      message: /"linux\/arm64" is one word too many/,
    },
    {
      name: 'an unknown key',
      in: 'a:1 platform=linux',
      message: /^1: "platform" is no key \(expected: os=, arch=/,
    },
    { name: 'a key twice', in: 'a:1 os=linux os=linux os=linux', message: /"os" is given more than once/ },
    { name: 'an empty key', in: 'a:1 arch=', message: /arch="" is no arch/ },
    { name: 'an annotation without name', in: 'a:1 annotation.=b', message: /names no annotation/ },
    {
      name: 'a platform given both ways that disagrees',
      in: 'a:1 linux/amd64 arch=arm64',
      message: /says both linux\/amd64 and linux\/arm64/,
    },
    {
      name: 'a variant given both ways that disagrees',
      in: 'a:1 linux/arm/v7 variant=v6',
      message: /says both linux\/arm\/v7 and linux\/arm\/v6/,
    },
    {
      name: 'an unknown placeholder',
      in: 'a:{arc}',
      message: /has the placeholder "\{arc\}" \(expected: \{os\}, \{arch\}/,
    },
    { name: 'a NUL', in: 'a:1\u0000', message: /holds a control character/ },
    { name: 'a carriage return within', in: 'a:1\rb:1', message: /holds a control character/ },
    {
      name: "Unicode's line separator",
      in: 'a:1 annotation.a="b\u2028c"',
      message: /holds a control character/,
    },
  ];
  for (const { name, in: text, message } of cases) {
    it(`refuses ${name}`, () => {
      const found = refusals(text);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', message);
    });
  }

  it('refuses a template when there are no platforms', () => {
    assert.match(refusals('a:{arch}', [])[0] ?? '', /is a template \(expected: the `platforms` input/);
  });

  it('lists every problem at once, with its line', () => {
    const found = refusals('a\n\nb:1 os=\n#\nc:1 x=y z=1\nd:1');
    assert.deepEqual(
      found.map((message) => message.slice(0, 2)),
      ['1:', '3:', '5:', '5:'],
    );
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
  for (const [name, text] of Object.entries(cases)) {
    it(name, () => {
      const start = process.cpuUsage();
      const { problems } = parseSources(text, platforms);
      const { user } = process.cpuUsage(start);
      assert.ok(problems.length > 0 && problems.length <= 4097);
      assert.ok(problems.every(({ message }) => message.length < 600));
      assert.ok(user < 3_000_000, `took ${user} µs of processor time`);
    });
  }
});
