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
    { in: 'alpine', out: 'docker.io/library/alpine', short: 'alpine' },
    { in: 'alpine:3.20', out: 'docker.io/library/alpine:3.20', short: 'alpine:3.20' },
    { in: 'acme/app', out: 'docker.io/acme/app', short: 'acme/app' },
    { in: 'docker.io/alpine', out: 'docker.io/library/alpine', short: 'alpine' },
    { in: 'docker.io/library/alpine', out: 'docker.io/library/alpine', short: 'alpine' },
    { in: 'index.docker.io/alpine:3', out: 'docker.io/library/alpine:3', short: 'alpine:3' },
    { in: 'registry-1.docker.io/acme/app', out: 'docker.io/acme/app', short: 'acme/app' },
    { in: 'library/alpine', out: 'docker.io/library/alpine', short: 'alpine' },
    { in: 'docker.io/library/a/b', out: 'docker.io/library/a/b', short: 'library/a/b' },
    { in: 'docker.io/foo.bar/baz', out: 'docker.io/foo.bar/baz', short: 'docker.io/foo.bar/baz' },
    { in: 'docker.io/localhost/baz', out: 'docker.io/localhost/baz', short: 'docker.io/localhost/baz' },
    { in: 'docker.io/library/foo.bar', out: 'docker.io/library/foo.bar', short: 'foo.bar' },
    {
      in: 'docker.io/library/sha256:1',
      out: 'docker.io/library/sha256:1',
      short: 'docker.io/library/sha256:1',
    },
    { in: 'ghcr.io/acme/app:1.0', out: 'ghcr.io/acme/app:1.0', short: 'ghcr.io/acme/app:1.0' },
    { in: 'GHCR.IO/acme/app', out: 'ghcr.io/acme/app', short: 'ghcr.io/acme/app' },
    { in: 'ghcr.io/app', out: 'ghcr.io/app', short: 'ghcr.io/app' },
    { in: 'localhost/app', out: 'localhost/app', short: 'localhost/app' },
    { in: 'localhost:5000/app:x', out: 'localhost:5000/app:x', short: 'localhost:5000/app:x' },
    { in: 'localhost:5000', out: 'docker.io/library/localhost:5000', short: 'localhost:5000' },
    { in: 'myhost:5000/app', out: 'myhost:5000/app', short: 'myhost:5000/app' },
    { in: '127.0.0.1:5000/a/b/c', out: '127.0.0.1:5000/a/b/c', short: '127.0.0.1:5000/a/b/c' },
    { in: '[::1]/app', out: '[::1]/app', short: '[::1]/app' },
    { in: '[::1]:5000/app:x', out: '[::1]:5000/app:x', short: '[::1]:5000/app:x' },
    { in: '[FE80::1]:5000/app', out: '[fe80::1]:5000/app', short: '[fe80::1]:5000/app' },
    { in: 'xn--n3h.example/app', out: 'xn--n3h.example/app', short: 'xn--n3h.example/app' },
    {
      in: 'localhost.evil.example/app',
      out: 'localhost.evil.example/app',
      short: 'localhost.evil.example/app',
    },
    { in: `alpine@${digest}`, out: `docker.io/library/alpine@${digest}`, short: `alpine@${digest}` },
    { in: `alpine:3@${digest}`, out: `docker.io/library/alpine:3@${digest}`, short: `alpine:3@${digest}` },
    { in: `h:1/a@${sha512}`, out: `h:1/a@${sha512}`, short: `h:1/a@${sha512}` },
    { in: 'a/b__c.d_e--f---g/h', out: 'docker.io/a/b__c.d_e--f---g/h', short: 'a/b__c.d_e--f---g/h' },
    { in: 'a:_Tag.With-All_1', out: 'docker.io/library/a:_Tag.With-All_1', short: 'a:_Tag.With-All_1' },
    {
      in: `a:${'t'.repeat(128)}`,
      out: `docker.io/library/a:${'t'.repeat(128)}`,
      short: `a:${'t'.repeat(128)}`,
    },
    { in: `h.io/${'p'.repeat(255)}`, out: `h.io/${'p'.repeat(255)}`, short: `h.io/${'p'.repeat(255)}` },
    { in: `${'p'.repeat(247)}`, out: `docker.io/library/${'p'.repeat(247)}`, short: 'p'.repeat(247) },
  ];
  for (const row of table)
    it(row.in.length > 60 ? `${row.in.slice(0, 60)}…` : row.in, () => {
      const reference = parseReference(row.in);
      assert.equal(formatReference(reference), row.out);
      assert.equal(familiarReference(reference), row.short);
      assert.deepEqual(parseReference(row.out), reference);
      assert.deepEqual(parseReference(row.short), reference);
    });
});

describe('references that are refused, with the part that is wrong', () => {
  const table = [
    { name: 'nothing', in: '', out: /reference is empty/ },
    {
      name: 'an upper-case repository',
      in: 'ghcr.io/Acme/App',
      out: /repository "Acme\/App" .*upper-case.*write "acme\/app"/,
    },
    {
      name: 'an upper-case user on Docker Hub',
      in: 'Acme/app:1',
      out: /upper-case letters: write "acme\/app"/,
    },
    { name: 'LOCALHOST', in: 'LOCALHOST/app', out: /write "localhost\/app"/ },
    { name: 'a tag with a space', in: 'alpine:a b', out: /white space/ },
    { name: 'a tag that is empty', in: 'alpine:', out: /tag "" .* is empty/ },
    { name: 'a tag that begins with a dot', in: 'alpine:.x', out: /tag "\.x" .* starts with "\."/ },
    { name: 'a tag that begins with a hyphen', in: 'alpine:-x', out: /starts with "-"/ },
    { name: 'a tag with a plus', in: 'alpine:1+2', out: /tag "1\+2" .* characters other/ },
    {
      name: 'a tag of 129 characters',
      in: `alpine:${'t'.repeat(129)}`,
      out: /129 characters long: at most 128/,
    },
    { name: 'a tag that is not ASCII', in: 'alpine:é', out: /tag "é"/ },
    { name: 'two tags', in: 'alpine:a:b', out: /repository "alpine:a"/ },
    {
      name: 'a repository of 256 characters',
      in: `h.io/${'p'.repeat(256)}`,
      out: /256 characters long: at most 255/,
    },
    { name: '248 characters that library/ makes too many', in: 'p'.repeat(248), out: /256 characters long/ },
    { name: 'nothing before the tag', in: ':tag', out: /no repository/ },
    { name: 'nothing before the digest', in: `@${digest}`, out: /no repository/ },
    { name: 'nothing after the @', in: 'alpine@', out: /nothing after "@"/ },
    { name: 'a short digest', in: 'alpine@sha256:abc', out: /digest "sha256:abc" has 3 characters/ },
    { name: 'a tag after the digest', in: `alpine@${digest}:x`, out: /digest/ },
    { name: 'a bare digest', in: digest, out: /digest without a repository/ },
    { name: 'a bare digest that is cut', in: digest.slice(0, 50), out: /digest without a repository/ },
    { name: '64 hexadecimal digits', in: 'a'.repeat(64), out: /64 hexadecimal digits/ },
    { name: 'a URL', in: 'https://ghcr.io/acme/app', out: /is a URL/ },
    { name: 'a URL in capitals', in: 'HTTP://ghcr.io/acme/app', out: /is a URL/ },
    { name: 'only a registry', in: 'ghcr.io/', out: /empty part/ },
    { name: 'a slash too many', in: 'ghcr.io//app', out: /empty part/ },
    { name: 'a slash at the end', in: 'ghcr.io/app/', out: /empty part/ },
    { name: 'a slash in front', in: '/app', out: /empty part/ },
    { name: 'a slash before the tag', in: 'ghcr.io/app/:1', out: /empty part/ },
    { name: 'three underscores', in: 'a___b', out: /separators in the wrong place/ },
    { name: 'two dots', in: 'h.io/a..b', out: /separators in the wrong place/ },
    { name: 'a parent directory', in: 'h.io/a/../b', out: /separators in the wrong place/ },
    { name: 'a hyphen at the end', in: 'a-', out: /separators in the wrong place/ },
    { name: 'a hyphen in front', in: '-a', out: /separators in the wrong place/ },
    { name: 'an unfilled template', in: 'acme/app-{arch}', out: /invalid characters in "app-\{arch\}"/ },
    { name: 'an unexpanded variable', in: 'acme/$APP', out: /contains invalid characters/ },
    { name: 'Unicode', in: 'h.io/größe', out: /contains invalid characters/ },
    { name: 'the Kelvin sign', in: 'h.io/\u212a', out: /contains invalid characters/ },
    {
      name: 'a registry with an underscore',
      in: 'my_host.io/app',
      out: /registry "my_host\.io" .*not a host name/,
    },
    { name: 'a registry with a dot at the end', in: 'ghcr.io./app', out: /not a host name/ },
    { name: 'a registry with two dots', in: 'ghcr..io/app', out: /not a host name/ },
    { name: 'a registry with a user', in: `u:p@h.io/app`, out: /./ },
    { name: 'a registry in Unicode', in: 'ghcr.ıo/app', out: /not a host name/ },
    { name: 'a registry with a hyphen at the end', in: 'ghcr-.io/app', out: /not a host name/ },
    { name: 'a registry label of 64 characters', in: `${'a'.repeat(64)}.io/app`, out: /not a host name/ },
    { name: 'a registry of 254 characters', in: `${'a.'.repeat(126)}io/app`, out: /254 characters/ },
    { name: 'an impossible IPv4 address', in: '1.2.3.400/app', out: /not a host name or address/ },
    { name: 'a port that is not a number', in: 'h.io:x/app', out: /port/ },
    { name: 'an empty port', in: 'h.io:/app', out: /port/ },
    { name: 'port 0', in: 'h.io:0/app', out: /port/ },
    { name: 'port 65536', in: 'h.io:65536/app', out: /port/ },
    { name: 'a port with a zero in front', in: 'h.io:0443/app', out: /port/ },
    { name: 'an IPv6 address without brackets', in: '::1/app', out: /registry/ },
    { name: 'an IPv6 address without an end', in: '[::1/app', out: /registry/ },
    { name: 'an IPv6 address with a zone', in: '[fe80::1%25eth0]/app', out: /IPv6/ },
    { name: 'no IPv6 address in brackets', in: '[1:2:3]/app', out: /IPv6/ },
    { name: 'letters behind the brackets', in: '[::1]x/app', out: /registry/ },
    { name: 'only an IPv6 address', in: '[::1]', out: /contains invalid characters/ },
    { name: 'a line feed at the end', in: 'alpine:3\n', out: /control character/ },
    {
      name: 'a header behind a line break',
      in: 'h.io/a\r\nx-evil: 1',
      out: /"h\.io\/a\\r\\nx-evil: 1" contains a control/,
    },
    { name: 'a NUL', in: 'h.io/a\0', out: /control character/ },
    { name: 'a tab', in: 'h.io/a\t', out: /control character/ },
    { name: 'a C1 control character', in: 'h.io/a\u009b', out: /control character/ },
    { name: 'a space in front', in: ' alpine', out: /white space/ },
    { name: 'a no-break space', in: 'alpine\u00a0', out: /white space/ },
  ];
  for (const row of table)
    it(row.name, () =>
      assert.throws(
        () => parseReference(row.in),
        (error) => {
          assert.ok(error instanceof FormatError);
          assert.match(error.message, row.out);
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
