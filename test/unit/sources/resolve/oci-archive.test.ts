import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Descriptor } from '../../../../src/oci/descriptor.ts';
import { ManifestBudget } from '../../../../src/registry/manifest-budget.ts';
import { openLayoutArchive } from '../../../../src/sources/layout/layout-archive.ts';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import {
  blobFile,
  layoutOf,
  packTar,
  rawEntry,
  type TarItem,
  tarEnd,
  tarItems,
} from '../../../support/rigs/layout-writer.ts';
import { assertRefused, fakeContext, resolveText } from '../../../support/rigs/resolve-rig.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';

const image = makeImage('linux/arm64', { layers: 2 });
const index = makeIndex([makeImage('linux/amd64'), image], { attestations: true });

async function resolveArchive(test: TestContext, bytes: Uint8Array, pick = '') {
  const directory = temporaryDirectory(test);
  await writeFile(join(directory, 'app.tar'), bytes);
  return resolveText(`oci-archive:app.tar${pick}`, fakeContext({ directory }));
}

async function itemsOf(content = image): Promise<TarItem[]> {
  return tarItems(await layoutOf([content]));
}

const forms: Readonly<Record<string, (tar: Buffer) => Buffer>> = {
  tar: (tar) => tar,
  'tar.gz': (tar) => gzipSync(tar),
  'tar.gz in several members': (tar) =>
    Buffer.concat([gzipSync(tar.subarray(0, 3000)), gzipSync(tar.subarray(3000))]),
  'tar.zst': (tar) => zstdCompressSync(tar),
};

describe('oci-archive:FILE', () => {
  for (const [form, compress] of Object.entries(forms))
    it(`reads ${form}: index, manifests, configs, layers whole and from an offset`, async (test) => {
      const large = Buffer.alloc(3 * 1024 * 1024, 'large');
      const items = [{ name: 'blobs/' }, { name: 'other', content: large }, ...(await itemsOf(index))];
      const [resolved] = await resolveArchive(test, compress(await packTar(items)));
      assert.equal(resolved?.label, 'oci-archive:app.tar');
      assert.equal(resolved.manifest.digest, index.digest);
      assert.ok(resolved.manifest.content.kind === 'index');
      const child = await resolved.store.getManifest(image.digest as Descriptor['digest']);
      assert.ok(child.content.kind === 'image');
      assert.match(Buffer.from(await resolved.store.getBlob(child.content.config)).toString(), /arm64/);
      for (const layer of child.content.layers) {
        const whole = Buffer.concat(await Array.fromAsync(resolved.store.openBlob(layer)));
        assert.equal(whole.length, layer.size);
        const rest = Buffer.concat(await Array.fromAsync(resolved.store.openBlob(layer, 7)));
        assert.deepEqual(rest, whole.subarray(7));
        assert.deepEqual(
          Buffer.concat(await Array.fromAsync(resolved.store.openBlob(layer, layer.size))),
          Buffer.alloc(0),
        );
      }
    });

  it('reads blobs that are too large to keep, again and again, from a compressed archive', async (test) => {
    const bytes = Buffer.alloc(5 * 1024 * 1024, 'layer');
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const big = makeImage('linux/amd64', {
      bigLayers: [{ digest, size: bytes.length, read: (a, b) => [bytes.subarray(a, b)] }],
    });
    const [resolved] = await resolveArchive(test, gzipSync(await packTar(await itemsOf(big)), { level: 1 }));
    assert.ok(resolved?.manifest.content.kind === 'image');
    const [layer] = resolved.manifest.content.layers;
    assert.ok(layer && layer.size === bytes.length);
    for (const offset of [0, 0, 4_000_000])
      assert.deepEqual(
        Buffer.concat(await Array.fromAsync(resolved.store.openBlob(layer, offset))),
        bytes.subarray(offset),
      );
    for await (const _ of resolved.store.openBlob(layer)) break;
  });

  it('reads names with ./ in front, as `tar -C out -c .` writes them', async (test) => {
    const items = (await itemsOf()).map((item) => ({ ...item, name: `./${item.name}` }));
    const [resolved] = await resolveArchive(
      test,
      await packTar([{ name: './', type: 'directory' }, ...items]),
    );
    assert.equal(resolved?.manifest.digest, image.digest);
  });

  it('reads long names, pax and GNU', async (test) => {
    const sha512 = createHash('sha512').update(image.bytes).digest('hex');
    const entry = { mediaType: image.mediaType, digest: `sha512:${sha512}`, size: image.size };
    const files = new Map(await layoutOf([image], [entry]));
    const pax = await packTar([...tarItems(files), { name: `blobs/sha512/${sha512}`, content: image.bytes }]);
    assert.equal((await resolveArchive(test, pax))[0]?.manifest.digest, entry.digest);

    const gnu = Buffer.concat([
      rawEntry({ name: '././@LongLink', type: 'L', content: `blobs/sha512/${sha512}\0`, magic: 'ustar  \0' }),
      rawEntry({ name: 'cut', content: image.bytes, magic: 'ustar  \0' }),
      await packTar(tarItems(files)),
    ]);
    assert.equal((await resolveArchive(test, gnu))[0]?.manifest.digest, entry.digest);
  });

  it('reads sizes in base 256 and in pax headers', async (test) => {
    const files = await layoutOf([image]);
    const bytes = files.get('index.json') ?? assert.fail();
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size.writeUInt32BE(bytes.length, 8);
    const rest = await packTar(tarItems(files).filter(({ name }) => name !== 'index.json'));
    const base256 = rawEntry({ name: 'index.json', content: bytes, size: size.toString('latin1') });
    assert.equal((await resolveArchive(test, Buffer.concat([base256, rest]))).length, 1);
    const record = ` size=${bytes.length}\n`;
    const pax = rawEntry({ name: 'x', type: 'x', content: `${record.length + 2}${record}` });
    const wrong = rawEntry({ name: 'index.json', content: bytes, size: 1 });
    assert.equal((await resolveArchive(test, Buffer.concat([pax, wrong, rest]))).length, 1);
  });

  it('reads directories that are listed more than once', async (test) => {
    const directory: TarItem = { name: 'blobs/sha256/', type: 'directory' };
    const items = (await itemsOf()).flatMap((item) => [directory, item]);
    const [resolved] = await resolveArchive(test, await packTar(items));
    assert.equal(resolved?.manifest.digest, image.digest);
  });

  it('ends where the last entry ends, also without the blocks that mark the end', async (test) => {
    const tar = await packTar(await itemsOf());
    assert.equal((await resolveArchive(test, tar.subarray(0, -1024))).length, 1);
  });
});

describe('how far a compressed archive may inflate', () => {
  const zeros: TarItem = { name: 'other', content: Buffer.alloc(4 * 1024 * 1024) };
  const mebibyte = 1024 * 1024;
  for (const [form, compress] of [['gzip', gzipSync] as const, ['zstd', zstdCompressSync] as const])
    it(`${form}: only as far as its size allows, also in skipped files`, async (test) => {
      const path = join(temporaryDirectory(test), 'app.tar');
      await writeFile(path, compress(await packTar([zeros, ...(await itemsOf())])));
      const file = { line: 1, path, name: 'app.tar' };
      await assertRefused(
        openLayoutArchive(file, new ManifestBudget(), { free: mebibyte, ratio: 2 }),
        'SOURCE_ARCHIVE',
        /oci-archive:app\.tar: the archive of \d+ bytes inflates to more than \d+/,
      );
      await openLayoutArchive(file, new ManifestBudget(), { free: 5 * mebibyte, ratio: 2 });
      await openLayoutArchive(file, new ManifestBudget(), { free: mebibyte, ratio: 5000 });
    });

  it('a plain archive inflates nothing', async (test) => {
    const path = join(temporaryDirectory(test), 'app.tar');
    await writeFile(path, await packTar([zeros, ...(await itemsOf())]));
    await openLayoutArchive({ line: 1, path, name: 'app.tar' }, new ManifestBudget(), { free: 0, ratio: 0 });
  });
});

describe('archives that are refused', () => {
  const hostile: readonly (readonly [name: string, item: TarItem, message: RegExp])[] = [
    [
      'a symbolic link',
      { name: 'blobs/x', type: 'symlink', linkname: '/etc/passwd' },
      /"blobs\/x" is a symbolic link/,
    ],
    [
      'a symbolic link in place of index.json',
      { name: 'index.json', type: 'symlink', linkname: 'x' },
      /"index\.json" is a symbolic link/,
    ],
    ['a hard link', { name: 'blobs/x', type: 'link', linkname: 'index.json' }, /"blobs\/x" is a hard link/],
    ['a FIFO', { name: 'fifo', type: 'fifo' }, /"fifo" is a FIFO/],
    ['a device', { name: 'null', type: 'character-device' }, /"null" is a character device/],
    ['a block device', { name: 'sda', type: 'block-device' }, /"sda" is a block device/],
    [
      'a name that climbs',
      { name: 'blobs/../../x', content: 'x' },
      /"blobs\/\.\.\/\.\.\/x" leads out of the archive/,
    ],
    ['a name that climbs on Windows', { name: 'a\\..\\x', content: 'x' }, /leads out of the archive/],
    ['an absolute name', { name: '/etc/passwd', content: 'x' }, /"\/etc\/passwd" is an absolute name/],
    ['an absolute name on Windows', { name: 'C:\\x', content: 'x' }, /is an absolute name/],
    ['another index.json', { name: 'index.json', content: '{}' }, /: index\.json occurs twice/],
  ];
  for (const [name, item, message] of hostile)
    it(`with ${name}`, async (test) => {
      const tar = await packTar([...(await itemsOf()), item]);
      for (const compress of Object.values(forms)) {
        const { message: text } = await assertRefused(
          resolveArchive(test, compress(tar)),
          'SOURCE_ARCHIVE',
          message,
        );
        assert.match(text, /^sources line 1: oci-archive:app\.tar: /);
      }
    });

  for (const [name, fill] of [
    ['another file of the same name and size', 'x'],
    ['the same file twice', undefined],
  ] as const)
    it(`with ${name}`, async (test) => {
      const items = await itemsOf();
      const again = items.map((item) => {
        const content = Buffer.from(item.content ?? '');
        return { ...item, content: fill === undefined ? content : content.fill(fill) };
      });
      for (const compress of Object.values(forms)) {
        const work = resolveArchive(test, compress(await packTar([...items, ...again])));
        await assertRefused(work, 'SOURCE_ARCHIVE', /: blobs\/sha256\/\w+ occurs twice/);
      }
    });

  it('with very many entries', async (test) => {
    const tar = Buffer.concat([...Array<Buffer>(100_001).fill(rawEntry({ name: 'x' })), tarEnd]);
    await assertRefused(
      resolveArchive(test, gzipSync(tar, { level: 1 })),
      'SOURCE_ARCHIVE',
      /more than 100000 entries/,
    );
  });

  it('truncated at any point', async (test) => {
    const tar = await packTar(await itemsOf());
    for (const [form, compress] of Object.entries(forms)) {
      const bytes = compress(tar);
      for (let length = bytes.length - (form === 'tar' ? 1025 : 40); length > 0; length -= 997) {
        const work = resolveArchive(test, bytes.subarray(0, length));
        await assertRefused(
          work,
          'SOURCE_ARCHIVE',
          /is truncated|damaged or truncated|is missing|is not an OCI layout/,
        );
      }
    }
  });

  it('cut off after it was looked at', async (test) => {
    const directory = temporaryDirectory(test);
    const path = join(directory, 'app.tar');
    const items = (await itemsOf()).toReversed();
    await writeFile(path, await packTar(items));
    const [resolved] = await resolveText('oci-archive:app.tar', fakeContext({ directory }));
    assert.ok(resolved?.manifest.content.kind === 'image');
    const [layer] = resolved.manifest.content.layers;
    await truncate(path, 700);
    const work = Array.fromAsync(resolved.store.openBlob(layer ?? assert.fail()));
    await assertRefused(
      work,
      'SOURCE_ARCHIVE',
      /oci-archive:app\.tar: blobs\/sha256\/\w+: content of .* ended after 0 of/,
    );
  });

  it('with a blob whose bytes or size do not match', async (test) => {
    const files = new Map(await layoutOf([image]));
    const [first, second] = image.document.layers ?? [];
    assert.ok(first && second && image.document.config);
    files.set(blobFile(first.digest), Buffer.alloc(first.size, 'x'));
    files.set(blobFile(second.digest), Buffer.alloc(second.size + 1));
    files.set(blobFile(image.document.config.digest), Buffer.alloc(image.document.config.size));
    for (const compress of Object.values(forms)) {
      const [resolved] = await resolveArchive(test, compress(await packTar(tarItems(files))));
      assert.ok(resolved?.manifest.content.kind === 'image');
      const { config, layers } = resolved.manifest.content;
      const read = (at: number) => Array.fromAsync(resolved.store.openBlob(layers[at] ?? assert.fail()));
      await assertRefused(
        read(0),
        'SOURCE_ARCHIVE',
        /app\.tar: blobs\/sha256\/\w+: content of sha256:\w+ has the digest/,
      );
      await assertRefused(
        read(1),
        'SOURCE_ARCHIVE',
        /app\.tar: blobs\/sha256\/\w+ has \d+ bytes, but its descriptor says/,
      );
      await assertRefused(
        resolved.store.getBlob(config),
        'SOURCE_ARCHIVE',
        /app\.tar: the digest of blobs\/sha256\/\w+ differs from its name/,
      );
    }
  });

  const broken: readonly (readonly [name: string, bytes: Buffer, message: RegExp])[] = [
    ['an empty file', Buffer.alloc(0), /the file is empty/],
    [
      'a file that is not an archive',
      Buffer.alloc(2048, 'text'),
      /a header has the (?:wrong checksum|number)/,
    ],
    [
      'a compressed file that is not an archive',
      gzipSync(Buffer.alloc(2048, 'text')),
      /a header (?:has|holds)/,
    ],
    ['a compressed empty file', gzipSync(''), /is not an OCI layout/],
    ['zeros', Buffer.alloc(4096), /is not an OCI layout/],
    ['bzip2', Buffer.from('BZh91AY&SY'), /compressed with bzip2/],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00]), /compressed with xz/],
    [
      'broken gzip',
      Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(100, 0xff)]),
      /the gzip data is damaged or truncated/,
    ],
    [
      'a size that is not a number',
      Buffer.concat([rawEntry({ name: 'x', size: '99999999999\0' }), tarEnd]),
      /a header has the number/,
    ],
    [
      'a size beyond all bounds',
      Buffer.concat([rawEntry({ name: 'x', size: '\xff'.repeat(12) }), tarEnd]),
      /too large/,
    ],
    [
      'a size beyond the end',
      Buffer.concat([rawEntry({ name: 'x', size: 4096 }), tarEnd]),
      /the archive is truncated/,
    ],
    [
      'an unknown type',
      Buffer.concat([rawEntry({ name: 'x', type: 'Z' }), tarEnd]),
      /"x" is of the unknown type "Z"/,
    ],
    [
      'a GNU sparse file',
      Buffer.concat([rawEntry({ name: 'x', type: 'S' }), tarEnd]),
      /"x" is a sparse file/,
    ],
    [
      'a pax sparse file',
      Buffer.concat([rawEntry({ name: 'x', type: 'x', content: '22 GNU.sparse.major=1\n' }), tarEnd]),
      /is a sparse file/,
    ],
    [
      'a malformed pax header',
      Buffer.concat([rawEntry({ name: 'x', type: 'x', content: '99 path=x\n' }), tarEnd]),
      /a pax header is malformed/,
    ],
    [
      'a pax header without end',
      Buffer.concat([rawEntry({ name: 'x', type: 'x', size: 1e9 }), tarEnd]),
      /1000000000 bytes of extensions/,
    ],
    [
      'a global pax path',
      Buffer.concat([rawEntry({ name: 'x', type: 'g', content: '10 path=x\n' }), tarEnd]),
      /a global header sets a path/,
    ],
  ];
  for (const [name, content, message] of broken)
    it(name, async (test) => {
      await assertRefused(resolveArchive(test, content), 'SOURCE_ARCHIVE', message);
    });

  it('an archive of an older docker save', async (test) => {
    const tar = await packTar([
      { name: 'manifest.json', content: '[{"Config":"x.json","Layers":["x/layer.tar"]}]' },
      { name: 'x/layer.tar', content: '' },
    ]);
    const { hint } = await assertRefused(
      resolveArchive(test, tar),
      'SOURCE_ARCHIVE',
      /oci-archive:app\.tar: this is docker's own form of an archive, as `docker save`/,
    );
    assert.match(hint ?? '', /^Convert it: `skopeo copy docker-archive:app\.tar oci-archive:app-oci\.tar`\./);
  });

  it('another archive with a manifest.json', async (test) => {
    const tar = await packTar([{ name: 'manifest.json', content: '{"name":"site"}' }]);
    await assertRefused(resolveArchive(test, tar), 'SOURCE_ARCHIVE', /the file oci-layout is missing/);
  });

  it('a directory, and nothing at all', async (test) => {
    const directory = temporaryDirectory(test);
    const context = fakeContext({ directory });
    const { hint } = await assertRefused(
      resolveText('oci-archive:.', context),
      'SOURCE_ARCHIVE',
      /"\." is not a regular file/,
    );
    assert.equal(hint, 'Write oci:. for a layout in a directory.');
    await assertRefused(resolveText('oci-archive:x.tar', context), 'SOURCE_FILE', /"x\.tar" does not exist/);
  });
});
