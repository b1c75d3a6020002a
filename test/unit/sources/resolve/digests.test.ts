import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { makeImage } from '../../../support/images/images.ts';
import {
  assertRefused,
  byDigest,
  fakeContext,
  resolveText,
  temporaryDirectory,
} from '../../../support/rigs/resolve-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const arm = makeImage('linux/arm/v7');
const [a, b, c] = [amd64, arm64, arm].map(({ digest }) => digest.slice('sha256:'.length)) as [
  string,
  string,
  string,
];
const sha512 = `sha512:${'0'.repeat(128)}`;

/** A context whose workspace holds these files; a name that ends with a slash is a directory. */
async function contextWith(test: TestContext, files: Readonly<Record<string, string>>, repository?: null) {
  const directory = await temporaryDirectory(test);
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) await writeFile(path, text);
  }
  const served = { ...byDigest(amd64, arm64, arm), [sha512]: amd64 };
  return fakeContext({ directory, served, ...(repository === null && { repository }) });
}

describe('digests:DIR', () => {
  const cases = [
    { name: 'empty files named by digests', files: { [`d/${a}`]: '', [`d/${b}`]: '' }, out: [a, b] },
    {
      name: 'names with the algorithm',
      files: { [`d/sha256-${a}`]: '', [`d/sha256:${b}`]: '\n' },
      out: [a, b],
    },
    { name: 'a file of digests, one per line', files: { 'd/list': `\n sha256:${c}\r\n${a}\n` }, out: [c, a] },
    { name: 'iid files', files: { 'd/amd64.iid': `sha256:${a}`, 'd/arm64.iid': `sha256:${b}` }, out: [a, b] },
    {
      name: 'artifacts that were not merged',
      files: { [`d/digests-amd64/${a}`]: '', [`d/digests-arm64/${b}`]: '' },
      out: [a, b],
    },
    { name: 'a file named by the digest it holds', files: { [`d/${a}`]: `sha256:${a}\n` }, out: [a] },
    { name: 'the same digest twice', files: { [`d/x/${a}`]: '', [`d/y/${a}`]: '' }, out: [a] },
    { name: 'hidden files beside', files: { [`d/${a}`]: '', 'd/.DS_Store': 'x', 'd/.git/x': 'x' }, out: [a] },
    { name: 'a single file', files: { d: `sha256:${b}\nsha256:${a}` }, out: [b, a] },
  ];
  for (const { name, files, out } of cases)
    it(name, async (test) => {
      const context = await contextWith(test, files);
      const resolved = await resolveText('digests:d', context);
      const found = new Set(resolved.map(({ manifest }) => manifest.digest));
      assert.deepEqual(found, new Set(out.map((hex) => `sha256:${hex}`)));
      assert.deepEqual(
        context.fetched,
        resolved.map(({ manifest }) => `ghcr.io/acme/app@${manifest.digest}`),
      );
    });

  it('come sorted by path, each labelled with its file', async (test) => {
    const files = { [`d/2/${a}`]: '', 'd/1/list': `sha256:${c}\nsha256:${b}` };
    const resolved = await resolveText('digests:d', await contextWith(test, files));
    const found = resolved.map(({ label, manifest }) => [label, manifest.digest]);
    assert.deepEqual(found, [
      ['d/1/list', arm.digest],
      ['d/1/list', arm64.digest],
      [`d/2/${a}`, amd64.digest],
    ]);
  });

  it('sha512 digests', async (test) => {
    const context = await contextWith(test, { [`d/${'0'.repeat(128)}`]: '' });
    await resolveText('digests:d', context);
    assert.deepEqual(context.fetched, [`ghcr.io/acme/app@${sha512}`]);
  });

  const refused = [
    { name: 'a missing directory', files: {}, code: 'SOURCE_FILE', message: /"d" does not exist/ },
    { name: 'an empty directory', files: { 'd/': '' }, message: /"d" is empty/ },
    { name: 'a directory of hidden files', files: { 'd/.x': '' }, message: /"d" is empty/ },
    { name: 'an empty artifact', files: { [`d/x/${a}`]: '', 'd/y/': '' }, message: /"d\/y" is empty/ },
    {
      name: 'a file that is not a digest',
      files: { 'd/README': 'hello' },
      message: /"d\/README" has no digest as its name, and its content is not digests/,
    },
    {
      name: 'an empty file with another name',
      files: { 'd/amd64': '' },
      message: /"d\/amd64" is empty, and its name is not a digest/,
    },
    {
      name: 'several',
      files: { 'd/1': 'x', 'd/2': 'x', 'd/3': 'x' },
      message: /"d\/1" has no digest.*; 2 more files are not digests/,
    },
    {
      name: 'a short digest',
      files: { [`d/${a.slice(1)}`]: '' },
      message: /is empty, and its name is not a digest/,
    },
    {
      name: 'upper case',
      files: { [`d/${a.toUpperCase()}`]: '' },
      message: /is empty, and its name is not a digest/,
    },
    {
      name: 'a name and a content that differ',
      files: { [`d/${a}`]: `sha256:${b}` },
      message: /has one digest as its name and another as its content/,
    },
    {
      name: 'the blobs of a layout',
      files: { [`d/${a}`]: '{"schemaVersion":2}' },
      message: /other content \(for an image layout, write oci:DIR\)/,
    },
    {
      name: 'a directory too deep',
      files: { [`d/x/y/${a}`]: '' },
      message: /"d\/x\/y" is a directory nested too deep/,
    },
    {
      name: 'a file too large',
      files: { 'd/x': 'x'.repeat(1024 * 1024 + 1) },
      code: 'SOURCE_FILE',
      message: /"d\/x" has more than the maximum of 1048576 bytes/,
    },
  ];
  for (const { name, files, code = 'SOURCE_DIGESTS', message } of refused)
    it(`refuses ${name}`, async (test) => {
      const context = await contextWith(test, files);
      await assertRefused(resolveText('digests:d', context), code, message);
      assert.deepEqual(context.fetched, []);
    });

  it('refuses a link to nowhere', async (test) => {
    const context = await contextWith(test, { 'd/': '' });
    await symlink('/nowhere', join(context.directory, 'd', a));
    await assertRefused(resolveText('digests:d', context), 'SOURCE_FILE', /does not exist/);
  });

  it('needs targets in one repository', async (test) => {
    const context = await contextWith(test, { [`d/${a}`]: '' }, null);
    await assertRefused(resolveText('digests:d', context), 'SOURCE_REPOSITORY', /has no repository/);
  });
});
