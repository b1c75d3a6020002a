import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FormatError } from '../../../src/oci/format-error.ts';
import {
  familiarReference,
  formatReference,
  isLoopbackRegistry,
  parseReference,
  sameRepository,
} from '../../../src/oci/reference.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const sha512 = `sha512:${'0123456789abcdef'.repeat(8)}`;

describe('references that are legal, in long and short form', () => {
  const table = [
    ['alpine', 'docker.io/library/alpine', 'alpine'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20', 'alpine:3.20'],
    ['acme/app', 'docker.io/acme/app', 'acme/app'],
    ['docker.io/alpine', 'docker.io/library/alpine', 'alpine'],
    ['docker.io/library/alpine', 'docker.io/library/alpine', 'alpine'],
    ['index.docker.io/alpine:3', 'docker.io/library/alpine:3', 'alpine:3'],
    ['registry-1.docker.io/acme/app', 'docker.io/acme/app', 'acme/app'],
    ['library/alpine', 'docker.io/library/alpine', 'alpine'],
    ['docker.io/library/a/b', 'docker.io/library/a/b', 'library/a/b'],
    ['docker.io/foo.bar/baz', 'docker.io/foo.bar/baz', 'docker.io/foo.bar/baz'],
    ['docker.io/localhost/baz', 'docker.io/localhost/baz', 'docker.io/localhost/baz'],
    ['docker.io/library/foo.bar', 'docker.io/library/foo.bar', 'foo.bar'],
    ['docker.io/library/sha256:1', 'docker.io/library/sha256:1', 'docker.io/library/sha256:1'],
    ['ghcr.io/acme/app:1.0', 'ghcr.io/acme/app:1.0', 'ghcr.io/acme/app:1.0'],
    ['GHCR.IO/acme/app', 'ghcr.io/acme/app', 'ghcr.io/acme/app'],
    ['ghcr.io/app', 'ghcr.io/app', 'ghcr.io/app'],
    ['localhost/app', 'localhost/app', 'localhost/app'],
    ['localhost:5000/app:x', 'localhost:5000/app:x', 'localhost:5000/app:x'],
    ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
    ['myhost:5000/app', 'myhost:5000/app', 'myhost:5000/app'],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c'],
    ['[::1]/app', '[::1]/app', '[::1]/app'],
    ['[::1]:5000/app:x', '[::1]:5000/app:x', '[::1]:5000/app:x'],
    ['[FE80::1]:5000/app', '[fe80::1]:5000/app', '[fe80::1]:5000/app'],
    ['xn--n3h.example/app', 'xn--n3h.example/app', 'xn--n3h.example/app'],
    ['localhost.evil.example/app', 'localhost.evil.example/app', 'localhost.evil.example/app'],
    [`alpine@${digest}`, `docker.io/library/alpine@${digest}`, `alpine@${digest}`],
    [`alpine:3@${digest}`, `docker.io/library/alpine:3@${digest}`, `alpine:3@${digest}`],
    [`h:1/a@${sha512}`, `h:1/a@${sha512}`, `h:1/a@${sha512}`],
    ['a/b__c.d_e--f---g/h', 'docker.io/a/b__c.d_e--f---g/h', 'a/b__c.d_e--f---g/h'],
    ['a:_Tag.With-All_1', 'docker.io/library/a:_Tag.With-All_1', 'a:_Tag.With-All_1'],
    [`a:${'t'.repeat(128)}`, `docker.io/library/a:${'t'.repeat(128)}`, `a:${'t'.repeat(128)}`],
    [`h.io/${'p'.repeat(255)}`, `h.io/${'p'.repeat(255)}`, `h.io/${'p'.repeat(255)}`],
    [`${'p'.repeat(247)}`, `docker.io/library/${'p'.repeat(247)}`, 'p'.repeat(247)],
  ] as const;
  for (const [input, out, short] of table)
    it(input.length > 60 ? `${input.slice(0, 60)}…` : input, () => {
      const reference = parseReference(input);
      assert.equal(formatReference(reference), out);
      assert.equal(familiarReference(reference), short);
      assert.deepEqual(parseReference(out), reference);
      assert.deepEqual(parseReference(short), reference);
    });
});

describe('references that are refused, with the part that is wrong', () => {
  const table = [
    ['nothing', '', /reference is empty/],
    [
      'an upper-case repository',
      'ghcr.io/Acme/App',
      /repository "Acme\/App" .*upper-case.*write "acme\/app"/,
    ],
    ['an upper-case user on Docker Hub', 'Acme/app:1', /upper-case letters: write "acme\/app"/],
    ['LOCALHOST', 'LOCALHOST/app', /write "localhost\/app"/],
    ['a tag with a space', 'alpine:a b', /white space/],
    ['a tag that is empty', 'alpine:', /tag "" .* is empty/],
    ['a tag that begins with a dot', 'alpine:.x', /tag "\.x" .* starts with "\."/],
    ['a tag that begins with a hyphen', 'alpine:-x', /starts with "-"/],
    ['a tag with a plus', 'alpine:1+2', /tag "1\+2" .* has a "\+"/],
    ['a tag of 129 characters', `alpine:${'t'.repeat(129)}`, /129 characters long: at most 128/],
    ['a tag that is not ASCII', 'alpine:é', /tag "é"/],
    ['two tags', 'alpine:a:b', /repository "alpine:a"/],
    ['a repository of 256 characters', `h.io/${'p'.repeat(256)}`, /256 characters long: at most 255/],
    ['248 characters that library/ makes too many', 'p'.repeat(248), /256 characters long/],
    ['nothing before the tag', ':tag', /no repository/],
    ['nothing before the digest', `@${digest}`, /no repository/],
    ['nothing after the @', 'alpine@', /nothing after "@"/],
    ['a short digest', 'alpine@sha256:abc', /digest "sha256:abc" has 3 characters/],
    ['a tag after the digest', `alpine@${digest}:x`, /digest/],
    ['a bare digest', digest, /digest without a repository/],
    ['a bare digest that is cut', digest.slice(0, 50), /digest without a repository/],
    ['64 hexadecimal digits', 'a'.repeat(64), /64 hexadecimal digits/],
    ['a URL', 'https://ghcr.io/acme/app', /is a URL/],
    ['a URL in capitals', 'HTTP://ghcr.io/acme/app', /is a URL/],
    ['only a registry', 'ghcr.io/', /empty part/],
    ['a slash too many', 'ghcr.io//app', /empty part/],
    ['a slash at the end', 'ghcr.io/app/', /empty part/],
    ['a slash in front', '/app', /empty part/],
    ['a slash before the tag', 'ghcr.io/app/:1', /empty part/],
    ['three underscores', 'a___b', /separators in the wrong place/],
    ['two dots', 'h.io/a..b', /separators in the wrong place/],
    ['a parent directory', 'h.io/a/../b', /separators in the wrong place/],
    ['a hyphen at the end', 'a-', /separators in the wrong place/],
    ['a hyphen in front', '-a', /separators in the wrong place/],
    ['an unfilled template', 'acme/app-{arch}', /invalid characters in "app-\{arch\}"/],
    ['an unexpanded variable', 'acme/$APP', /contains invalid characters/],
    ['Unicode', 'h.io/größe', /contains invalid characters/],
    ['the Kelvin sign', 'h.io/\u212a', /contains invalid characters/],
    ['a registry with an underscore', 'my_host.io/app', /registry "my_host\.io" .*not a host name/],
    ['a registry with a dot at the end', 'ghcr.io./app', /not a host name/],
    ['a registry with two dots', 'ghcr..io/app', /not a host name/],
    ['a registry with a user', `u:p@h.io/app`, /./],
    ['a registry in Unicode', 'ghcr.ıo/app', /not a host name/],
    ['a registry with a hyphen at the end', 'ghcr-.io/app', /not a host name/],
    ['a registry label of 64 characters', `${'a'.repeat(64)}.io/app`, /not a host name/],
    ['a registry of 254 characters', `${'a.'.repeat(126)}io/app`, /254 characters/],
    ['an impossible IPv4 address', '1.2.3.400/app', /not a host name or address/],
    ['a port that is not a number', 'h.io:x/app', /port/],
    ['an empty port', 'h.io:/app', /port/],
    ['port 0', 'h.io:0/app', /port/],
    ['port 65536', 'h.io:65536/app', /port/],
    ['a port with a zero in front', 'h.io:0443/app', /port/],
    ['an IPv6 address without brackets', '::1/app', /registry/],
    ['an IPv6 address without an end', '[::1/app', /registry/],
    ['an IPv6 address with a zone', '[fe80::1%25eth0]/app', /IPv6/],
    ['no IPv6 address in brackets', '[1:2:3]/app', /IPv6/],
    ['letters behind the brackets', '[::1]x/app', /registry/],
    ['only an IPv6 address', '[::1]', /contains invalid characters/],
    ['a header behind a line break', 'h.io/a\r\nx-evil: 1', /"h\.io\/a\\r\\nx-evil: 1" contains a control/],
    ['a space in front', ' alpine', /white space/],
    ['a no-break space', 'alpine\u00a0', /white space/],
  ] as const;
  for (const [name, input, out] of table)
    it(name, () =>
      assert.throws(
        () => parseReference(input),
        (error) => {
          assert.ok(error instanceof FormatError);
          assert.match(error.message, out);
          assert.ok(error.expected.length > 0 && error.message.length < 400);
          return true;
        },
      ),
    );
});

describe('parts of a reference', () => {
  it('are all there', () =>
    assert.deepEqual(parseReference(`localhost:5000/acme/app:1@${digest}`), {
      repository: { registry: 'localhost:5000', path: 'acme/app' },
      tag: '1',
      digest,
    }));
  it('are left out when absent: no default tag', () =>
    assert.deepEqual(parseReference('alpine'), {
      repository: { registry: 'docker.io', path: 'library/alpine' },
    }));
});

describe('repositories', () => {
  const repositoryOf = (text: string) => parseReference(text).repository;
  it('are the same by registry and path', () => {
    assert.equal(
      sameRepository(repositoryOf('alpine'), repositoryOf('index.docker.io/library/alpine')),
      true,
    );
    assert.equal(sameRepository(repositoryOf('a.io/x'), repositoryOf('b.io/x')), false);
    assert.equal(sameRepository(repositoryOf('a.io/x'), repositoryOf('a.io/y')), false);
  });
});

describe('loopback registries', () => {
  const table = [
    { in: 'localhost', out: true },
    { in: 'localhost:5000', out: true },
    { in: '127.0.0.1', out: true },
    { in: '127.0.0.1:5000', out: true },
    { in: '127.255.255.254', out: true },
    { in: '[::1]', out: true },
    { in: '[::1]:5000', out: true },
    { in: 'localhost.evil.example', out: false },
    { in: 'localhost.evil.example:5000', out: false },
    { in: 'registry.localhost', out: false },
    { in: 'localhost.', out: false },
    { in: 'notlocalhost', out: false },
    { in: '127.0.0.1.evil.example', out: false },
    { in: '127.0.0.256', out: false },
    { in: '127.0.0.01', out: false },
    { in: '127.1', out: false },
    { in: '128.0.0.1', out: false },
    { in: '1127.0.0.1', out: false },
    { in: '0.0.0.0', out: false },
    { in: '10.0.0.1:5000', out: false },
    { in: '[::2]', out: false },
    { in: '[::ffff:7f00:1]', out: false },
    { in: 'docker.io', out: false },
  ];
  for (const row of table)
    it(`${row.in}: ${row.out}`, () => assert.equal(isLoopbackRegistry(row.in), row.out));
});
