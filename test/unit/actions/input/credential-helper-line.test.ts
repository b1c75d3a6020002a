import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCredentialHelper } from '../../../../src/actions/input/credential-helper-line.ts';
import { FormatError } from '../../../../src/oci/format-error.ts';

const digest = `sha256:${'a'.repeat(64)}`;

const good: readonly { name: string; in: string; out: readonly [program: string, url: string] }[] = [
  {
    name: 'a short name',
    in: `ecr-login https://example.com/ecr ${digest}`,
    out: ['docker-credential-ecr-login', 'https://example.com/ecr'],
  },
  {
    name: 'the name of the program',
    in: `docker-credential-gcr https://example.com/gcr ${digest}`,
    out: ['docker-credential-gcr', 'https://example.com/gcr'],
  },
  {
    name: 'plain HTTP on loopback, and several spaces',
    in: `gcr   http://localhost:8080/gcr  ${digest}`,
    out: ['docker-credential-gcr', 'http://localhost:8080/gcr'],
  },
];

for (const { name, in: line, out } of good)
  test(`a helper line: ${name}`, () => {
    const { program, url, digest: parsed } = parseCredentialHelper(line);
    assert.deepEqual([program, url.href, parsed], [...out, digest]);
  });

const bad: readonly (readonly [name: string, given: string, out: RegExp])[] = [
  ['no digest', 'ecr-login https://example.com/ecr', /is not a name, a URL and a digest/],
  ['a fourth word', `a https://b.example ${digest} c`, /is not a name, a URL and a digest/],
  ['a path as name', `../x https://b.example ${digest}`, /is not the name of a helper/],
  ['plain HTTP', `a http://b.example ${digest}`, /is not an https URL/],
  ['another scheme', `a file:///b ${digest}`, /is not an https URL/],
  ['no URL', `a b ${digest}`, /is not an https URL/],
  ['a user name', `a https://me:pw@b.example ${digest}`, /of b\.example contains a user name/],
  ['a short digest', 'a https://b.example sha256:ab', /digest/],
];

for (const [name, line, out] of bad)
  test(`not a helper line: ${name}`, () =>
    assert.throws(
      () => parseCredentialHelper(line),
      (error) => {
        assert(error instanceof FormatError);
        assert.match(error.message, out);
        assert.doesNotMatch(error.message, /me:pw/);
        return true;
      },
    ));
