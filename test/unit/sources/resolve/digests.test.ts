import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { makeImage } from '../../../support/images/images.ts';
import { assertRefused, byDigest, fakeContext, resolveText } from '../../../support/rigs/resolve-rig.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';

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
  const directory = temporaryDirectory(test);
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
    ['empty files named by digests', { [`d/${a}`]: '', [`d/${b}`]: '' }, [a, b]],
    ['names with the algorithm', { [`d/sha256-${a}`]: '', [`d/sha256:${b}`]: '\n' }, [a, b]],
    ['a file of digests, one per line', { 'd/list': `\n sha256:${c}\r\n${a}\n` }, [c, a]],
    ['iid files', { 'd/amd64.iid': `sha256:${a}`, 'd/arm64.iid': `sha256:${b}` }, [a, b]],
    [
      'artifacts that were not merged',
      { [`d/digests-amd64/${a}`]: '', [`d/digests-arm64/${b}`]: '' },
      [a, b],
    ],
    ['a file named by the digest it holds', { [`d/${a}`]: `sha256:${a}\n` }, [a]],
    ['the same digest in two files', { [`d/x/${a}`]: '', [`d/y/${a}`]: '' }, [a, a]],
    ['hidden files beside', { [`d/${a}`]: '', 'd/.DS_Store': 'x', 'd/.git/x': 'x' }, [a]],
    ['a single file', { d: `sha256:${b}\nsha256:${a}` }, [b, a]],
  ] as const;
  for (const [name, files, out] of cases)
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
    ['a missing directory', {}, /"d" does not exist/, 'SOURCE_FILE'],
    ['an empty directory', { 'd/': '' }, /"d" is empty/, undefined],
    ['a directory of hidden files', { 'd/.x': '' }, /"d" is empty/, undefined],
    ['an empty artifact', { [`d/x/${a}`]: '', 'd/y/': '' }, /"d\/y" is empty/, undefined],
    [
      'a file that is not a digest',
      { 'd/README': 'hello' },
      /"d\/README" has no digest as its name, and its content is not digests/,
      undefined,
    ],
    [
      'an empty file with another name',
      { 'd/amd64': '' },
      /"d\/amd64" is empty, and its name is not a digest/,
      undefined,
    ],
    [
      'several',
      { 'd/1': 'x', 'd/2': 'x', 'd/3': 'x' },
      /"d\/1" has no digest.*; 2 more files are not digests/,
      undefined,
    ],
    ['a short digest', { [`d/${a.slice(1)}`]: '' }, /is empty, and its name is not a digest/, undefined],
    ['upper case', { [`d/${a.toUpperCase()}`]: '' }, /is empty, and its name is not a digest/, undefined],
    [
      'a name and a content that differ',
      { [`d/${a}`]: `sha256:${b}` },
      /has one digest as its name and another as its content/,
      undefined,
    ],
    [
      'the blobs of a layout',
      { [`d/${a}`]: '{"schemaVersion":2}' },
      /other content \(for an image layout, write oci:DIR\)/,
      undefined,
    ],
    ['a directory too deep', { [`d/x/y/${a}`]: '' }, /"d\/x\/y" is a directory nested too deep/, undefined],
    [
      'a file too large',
      { 'd/x': 'x'.repeat(1024 * 1024 + 1) },
      /"d\/x" has more than the maximum of 1048576 bytes/,
      'SOURCE_FILE',
    ],
  ] as const;
  for (const [name, files, message, code = 'SOURCE_DIGESTS'] of refused)
    it(`refuses ${name}`, async (test) => {
      const context = await contextWith(test, files);
      await assertRefused(resolveText('digests:d', context), code, message);
      assert.deepEqual(context.fetched, []);
    });

  const other = '4'.repeat(64);
  const another = '5'.repeat(64);
  const absent = [
    [
      'one of four',
      { [`d/${a}`]: '', [`d/${b}`]: '', [`d/${other}`]: '', [`d/${c}`]: '' },
      `"d" has 4 digests, 3 of them are in ghcr.io/acme/app; missing: "d/${other}"`,
    ],
    [
      'two of three, in artifacts that were not merged',
      { [`d/app/${a}`]: '', [`d/web/${other}`]: '', [`d/web/${another}`]: '' },
      `"d" has 3 digests, 1 of them is in ghcr.io/acme/app; missing: "d/web/${other}" and 1 more`,
    ],
    [
      'the only one',
      { [`d/${other}`]: '' },
      `"d" has 1 digest, and none is in ghcr.io/acme/app; missing: "d/${other}"`,
    ],
  ] as const;
  for (const [name, files, out] of absent)
    it(`names the file of a digest that is not in the repository: ${name}`, async (test) => {
      const context = await contextWith(test, files);
      const { message, hint } = await assertRefused(resolveText('digests:d', context), 'SOURCE_MISSING', /./);
      assert.equal(message, `sources line 1: ${out}`);
      assert.match(hint ?? '', /^Check the artifacts: a `pattern` that also fits those of another image/);
    });

  it('refuses a link to nowhere', async (test) => {
    const context = await contextWith(test, { 'd/': '' });
    await symlink('/nowhere', join(context.directory, 'd', a));
    await assertRefused(resolveText('digests:d', context), 'SOURCE_FILE', /does not exist/);
  });

  it('needs targets in one repository', async (test) => {
    const context = await contextWith(test, { [`d/${a}`]: '' }, null);
    const refused = resolveText('digests:d', context);
    const { hint } = await assertRefused(refused, 'SOURCE_REPOSITORY', /has no repository/);
    assert.match(hint ?? '', /`spec`.* one list for each repository, each with `sources: digests:d`/);
  });
});
