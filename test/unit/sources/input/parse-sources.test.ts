import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePlatform } from '../../../../src/oci/platform.ts';
import { parseSources } from '../../../../src/sources/input/parse-sources.ts';
import { parse } from '../../../support/rigs/source-parsing.ts';

const hex = '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945';
const digest = `sha256:${hex}`;
const sha512 = `sha512:${hex}${hex}`;
const app = { registry: 'ghcr.io', path: 'acme/app' };

describe('the source of a line', () => {
  const cases = [
    ['a tag', 'ghcr.io/acme/app:1.0', { kind: 'reference', repository: app, tag: '1.0' }],
    [
      'a digest in a repository',
      `ghcr.io/acme/app@${digest}`,
      { kind: 'reference', repository: app, digest },
    ],
    [
      'tag and digest',
      `ghcr.io/acme/app:1@${digest}`,
      { kind: 'reference', repository: app, tag: '1', digest },
    ],
    [
      'Docker Hub',
      'alpine:3',
      { kind: 'reference', repository: { registry: 'docker.io', path: 'library/alpine' }, tag: '3' },
    ],
    [
      'an IPv6 host',
      '[::1]:5000/app:1',
      { kind: 'reference', repository: { registry: '[::1]:5000', path: 'app' }, tag: '1' },
    ],
    ['a bare digest', digest, { kind: 'digest', digest }],
    ['a bare sha512 digest', sha512, { kind: 'digest', digest: sha512 }],
    ['a layout', 'oci:out/app', { kind: 'oci', path: 'out/app' }],
    ['a tag in a layout', 'oci:out/app:v1', { kind: 'oci', path: 'out/app', pick: { tag: 'v1' } }],
    ['a digest in a layout', `oci:out/app@${digest}`, { kind: 'oci', path: 'out/app', pick: { digest } }],
    [
      'both in a layout: the digest wins',
      `oci:out/app:v1@${digest}`,
      { kind: 'oci', path: 'out/app', pick: { digest } },
    ],
    ['an @ in a path', 'oci:out/@acme/app', { kind: 'oci', path: 'out/@acme/app' }],
    [
      'a reference as name in an archive',
      'oci-archive:app.tar:docker.io/acme/app:1',
      { kind: 'oci-archive', path: 'app.tar', pick: { tag: 'docker.io/acme/app:1' } },
    ],
    [
      'a Windows path',
      'oci-archive:C:\\out\\app.tar:v1',
      { kind: 'oci-archive', path: 'C:\\out\\app.tar', pick: { tag: 'v1' } },
    ],
    [
      'a Windows path with slashes',
      'oci-archive:C:/out/app.tar',
      { kind: 'oci-archive', path: 'C:/out/app.tar' },
    ],
    ['a quoted path', '"oci-archive:my images/app.tar"', { kind: 'oci-archive', path: 'my images/app.tar' }],
    ['a path with a quoted part', 'digests:"my digests"', { kind: 'digests', path: 'my digests' }],
    ['a directory of digests', 'digests:/tmp/digests', { kind: 'digests', path: '/tmp/digests' }],
    ['a metadata file', 'metadata:bake.json', { kind: 'metadata', path: 'bake.json' }],
    [
      'a draft, by the name docker gives it',
      'docker-manifest:acme/app',
      { kind: 'docker-manifest', name: 'docker.io/acme/app:latest' },
    ],
  ] as const;
  for (const [name, text, out] of cases)
    it(name, () =>
      assert.deepEqual(parse(text), [{ text, line: 1, locator: out, declared: {}, annotations: {} }]),
    );
});

describe('the declaration of a line', () => {
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
  for (const { in: words, out } of cases)
    it(words, () => assert.deepEqual(parse(`ghcr.io/acme/app:1 ${words}`)[0]?.declared, out));

  it('annotations, quoted either way, with an equals sign or nothing as value', () => {
    const [line] = parse('a:1 annotation.t="My ""App""" "annotation.d=a = b" annotation.u=x=y annotation.e=');
    assert.deepEqual(line?.annotations, { t: 'My "App"', d: 'a = b', u: 'x=y', e: '' });
  });
});

describe('lists', () => {
  it('one source per line; blank lines and comments count as lines', () => {
    const lines = parse('\n  # amd64\n  a:1  \r\n\n\tb:1 linux/arm64\n');
    const found = lines.map(({ line, text }) => ({ line, text }));
    assert.deepEqual(found, [
      { line: 3, text: 'a:1' },
      { line: 5, text: 'b:1 linux/arm64' },
    ]);
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
        message: 'lists more than 4096 sources, the maximum of one list; the rest was not read',
      },
    ]);
  });
});

describe('templates', () => {
  const cases = [
    ['app:{arch}', ['app:amd64', 'app:arm64', 'app:arm']],
    ['app:1-{platform}', ['app:1-linux-amd64', 'app:1-linux-arm64', 'app:1-linux-arm-v7']],
    ['{arch}{variant}/app:{os}', ['amd64/app:linux', 'arm64/app:linux', 'armv7/app:linux']],
    [
      'oci-archive:out/{platform}.tar',
      [
        'oci-archive:out/linux-amd64.tar',
        'oci-archive:out/linux-arm64.tar',
        'oci-archive:out/linux-arm-v7.tar',
      ],
    ],
    [
      'digests:out/{arch} os-version=1',
      ['digests:out/amd64 os-version=1', 'digests:out/arm64 os-version=1', 'digests:out/arm os-version=1'],
    ],
  ] as const;
  for (const [text, out] of cases)
    it(text, () => {
      const lines = parse(text);
      const found = lines.map((line) => line.text);
      assert.deepEqual(found, out);
      assert.deepEqual(
        lines.map(({ declared: { os, architecture, variant } }) => ({ os, architecture, variant })),
        [
          { os: 'linux', architecture: 'amd64', variant: undefined },
          { os: 'linux', architecture: 'arm64', variant: undefined },
          { os: 'linux', architecture: 'arm', variant: 'v7' },
        ],
      );
    });

  it('platforms that expand to one source declare their common fields', () => {
    const over = ['linux/arm/v6', 'linux/arm/v7', 'windows/amd64'].map(parsePlatform);
    const found = parse('app:{os}', over).map(({ text, declared }) => ({ text, declared }));
    assert.deepEqual(found, [
      { text: 'app:linux', declared: { os: 'linux', architecture: 'arm' } },
      { text: 'app:windows', declared: { os: 'windows', architecture: 'amd64' } },
    ]);
  });

  it("the line's own words win, and take the template's variant with them", () => {
    const [line] = parse('app:{arch} arch=arm64', [parsePlatform('linux/arm/v7')]);
    assert.deepEqual(line?.declared, { os: 'linux', architecture: 'arm64' });
  });
});
