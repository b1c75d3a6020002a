import assert from 'node:assert/strict';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Descriptor } from '../../../../src/oci/descriptor.ts';
import {
  describe as descriptorOf,
  makeArtifact,
  makeAttestation,
  makeImage,
  makeIndex,
  type TestContent,
} from '../../../support/images/images.ts';
import {
  blobFile,
  type LayoutContent,
  layoutOf,
  refName,
  writeLayout,
} from '../../../support/rigs/layout-writer.ts';
import { assertRefused, fakeContext, resolveText } from '../../../support/rigs/resolve-rig.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const index = makeIndex([amd64, arm64], { attestations: true });

function named(content: TestContent, name: string, more: object = {}): object {
  return { ...descriptorOf(content), annotations: { [refName]: name, ...more } };
}

async function resolveLayout(test: TestContext, files: LayoutContent, pick = '') {
  const directory = temporaryDirectory(test);
  await writeLayout(join(directory, 'out'), files);
  return resolveText(`oci:out${pick}`, fakeContext({ directory }));
}

describe('oci:DIR', () => {
  it('holds one image', async (test) => {
    const [resolved, ...others] = await resolveLayout(test, await layoutOf([amd64]));
    assert.deepEqual(others, []);
    assert.equal(resolved?.label, 'oci:out');
    assert.equal(resolved.store.name, 'oci:out');
    assert.equal(resolved.store.repository, undefined);
    assert.deepEqual(resolved.manifest.bytes, amd64.bytes);
    assert.equal(resolved.manifest.digest, amd64.digest);
  });

  it('holds an index, whose children, configs and layers are read from it', async (test) => {
    const [resolved] = await resolveLayout(test, await layoutOf([index]));
    assert.equal(resolved?.manifest.content.kind, 'index');
    const child = await resolved.store.getManifest(
      resolved.manifest.content.manifests[1]?.digest ?? assert.fail(),
    );
    assert.equal(child.digest, arm64.digest);
    assert.equal(child.content.kind, 'image');
    const { config, layers } = child.content;
    assert.match(Buffer.from(await resolved.store.getBlob(config)).toString(), /"architecture":"arm64"/);
    const layer = layers[0] ?? assert.fail();
    const whole = Buffer.concat(await Array.fromAsync(resolved.store.openBlob(layer)));
    assert.equal(whole.length, layer.size);
    const rest = Buffer.concat(await Array.fromAsync(resolved.store.openBlob(layer, 100)));
    assert.deepEqual(rest, whole.subarray(100));
    assert.deepEqual(await Array.fromAsync(resolved.store.openBlob(layer, layer.size)), []);
  });

  it('carries the platform that index.json gives an image, not its bookkeeping', async (test) => {
    const platform = { architecture: 'arm', os: 'linux', variant: 'v6' };
    const [resolved] = await resolveLayout(
      test,
      await layoutOf([amd64], [{ ...named(amd64, '1'), platform }]),
    );
    assert.deepEqual(resolved?.platform, platform);
    assert.equal(resolved.annotations, undefined);
  });

  it('follows links, as build tools lay blobs out with them', async (test) => {
    const directory = temporaryDirectory(test);
    await writeLayout(join(directory, 'real'), await layoutOf([amd64]));
    await symlink(join(directory, 'real'), join(directory, 'out'));
    const [resolved] = await resolveText('oci:out', fakeContext({ directory }));
    assert.equal(resolved?.manifest.digest, amd64.digest);
  });
});

describe('several images in a layout', () => {
  const tagged = [
    named(amd64, 'v1'),
    named(amd64, 'latest'),
    named(arm64, 'ghcr.io/acme/app:v2', { 'io.containerd.image.name': 'ghcr.io/acme/app:edge' }),
  ];
  const cases = [
    [
      'without a pick, all, each once',
      '',
      [
        ['oci:out:v1', amd64],
        ['oci:out:ghcr.io/acme/app:v2', arm64],
      ],
    ],
    ['a tag', ':latest', [['oci:out:latest', amd64]]],
    ['the tag of a whole reference', ':v2', [['oci:out:ghcr.io/acme/app:v2', arm64]]],
    ['a whole reference', ':ghcr.io/acme/app:v2', [['oci:out:ghcr.io/acme/app:v2', arm64]]],
    ["containerd's name", ':ghcr.io/acme/app:edge', [['oci:out:ghcr.io/acme/app:v2', arm64]]],
    ['a digest', `@${arm64.digest}`, [['oci:out:ghcr.io/acme/app:v2', arm64]]],
  ] as const;
  for (const [name, pick, out] of cases)
    it(name, async (test) => {
      const resolved = await resolveLayout(test, await layoutOf([amd64, arm64], tagged), pick);
      const found = resolved.map(({ label, manifest }) => [label, manifest.digest]);
      assert.deepEqual(
        found,
        out.map(([label, { digest }]) => [label, digest]),
      );
    });

  it('a digest in a nested index', async (test) => {
    const [resolved] = await resolveLayout(test, await layoutOf([index]), `@${arm64.digest}`);
    assert.deepEqual([resolved?.label, resolved?.manifest.digest], [`oci:out@${arm64.digest}`, arm64.digest]);
  });

  it('passes over artifacts and signatures beside images', async (test) => {
    const signature = makeArtifact({
      artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
      subject: amd64,
    });
    const resolved = await resolveLayout(test, await layoutOf([signature, amd64]));
    const found = resolved.map(({ manifest }) => manifest.digest);
    assert.deepEqual(found, [amd64.digest]);
  });

  it('keeps an attestation with the image it is listed beside, as one index', async (test) => {
    const attestation = makeAttestation(amd64);
    const about = {
      ...descriptorOf(attestation),
      platform: { architecture: 'unknown', os: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': amd64.digest,
      },
    };
    const files = await layoutOf(
      [amd64, arm64, attestation],
      [named(amd64, 'a', { kept: 'b' }), named(arm64, 'a'), about],
    );
    const resolved = await resolveLayout(test, files);
    const found = resolved.map(({ manifest }) => manifest.content.kind);
    assert.deepEqual(found, ['index', 'image']);
    const { manifest, store } = resolved[0] ?? assert.fail();
    assert.ok(manifest.content.kind === 'index');
    assert.deepEqual(manifest.content.manifests, [
      { ...descriptorOf(amd64), annotations: { kept: 'b' } },
      about,
    ]);
    assert.equal(await store.getManifest(manifest.digest), manifest);
    assert.equal((await store.getManifest(about.digest as Descriptor['digest'])).digest, attestation.digest);
  });
});

describe('layouts that are refused', () => {
  const cases = [
    [
      'without oci-layout',
      { 'oci-layout': undefined },
      /oci:out: this is not an OCI layout: the file oci-layout is missing/,
    ],
    [
      'an archive of docker save',
      { 'oci-layout': undefined, 'manifest.json': '[{"Config":"x.json","Layers":[]}]' },
      /this is docker's own form of an image, unpacked/,
    ],
    [
      'another version',
      { 'oci-layout': '{"imageLayoutVersion":"2.0.0"}' },
      /the layout has an unsupported version/,
    ],
    ['a marker that is not JSON', { 'oci-layout': 'x' }, /oci-layout: the document is not JSON/],
    [
      'a marker without end',
      { 'oci-layout': ' '.repeat(5000) },
      /oci-layout has more than the maximum of 4096 bytes/,
    ],
    ['without index.json', { 'index.json': undefined }, /index\.json is missing/],
    [
      'an index.json that is none',
      { 'index.json': '{"schemaVersion":2,"config":{},"layers":[]}' },
      /index\.json: /,
    ],
    ['an image as index.json', { 'index.json': amd64.bytes.toString() }, /index\.json is not an image index/],
    ['no image', { 'index.json': '{"schemaVersion":2,"manifests":[]}' }, /it has no image$/],
    ['a missing manifest', { [blobFile(amd64.digest)]: undefined }, /blobs\/sha256\/[0-9a-f]{64} is missing/],
    [
      'a manifest with other bytes',
      { [blobFile(amd64.digest)]: arm64.bytes.toString() },
      /blobs\/sha256\/[0-9a-f]{64}: the content of .* has the digest/,
    ],
    [
      'a descriptor with another size',
      { 'index.json': indexJson({ ...descriptorOf(amd64), size: 3 }) },
      /index\.json lists sha256:\w+ as 3 bytes of/,
    ],
    [
      'a descriptor with another type',
      { 'index.json': indexJson({ ...descriptorOf(amd64), mediaType: index.mediaType }) },
      /index\.json lists sha256:\w+ as \d+ bytes of .*index\.v1\+json, but it is/,
    ],
    [
      'a descriptor that climbs',
      {
        'index.json': indexJson({ ...descriptorOf(amd64), digest: 'sha256:../../../../etc/passwd' }),
      },
      /index\.json: .*digest/,
    ],
  ] as const;
  for (const [name, change, message] of cases)
    it(name, async (test) => {
      const files = new Map(await layoutOf([amd64]));
      for (const [path, text] of Object.entries(change)) {
        if (text === undefined) files.delete(path);
        else files.set(path, Buffer.from(text));
      }
      await assertRefused(resolveLayout(test, files), 'SOURCE_LAYOUT', message);
    });

  it('a name that is not there, with those that are', async (test) => {
    const work = resolveLayout(test, await layoutOf([amd64], [named(amd64, 'v1')]), ':v2');
    const { hint } = await assertRefused(work, 'SOURCE_LAYOUT', /it has no image named "v2"/);
    assert.equal(hint, 'Choose one of "v1".');
  });

  it('a missing directory, and a file', async (test) => {
    const directory = temporaryDirectory(test);
    await writeFile(join(directory, 'app.tar'), '');
    const context = fakeContext({ directory });
    await assertRefused(resolveText('oci:out', context), 'SOURCE_FILE', /"out" does not exist/);
    const { hint } = await assertRefused(
      resolveText('oci:app.tar', context),
      'SOURCE_LAYOUT',
      /"app\.tar" is not a directory/,
    );
    assert.equal(hint, 'Write oci-archive:app.tar for an archive.');
  });

  it('blobs that are missing, cut off or changed, when they are read', async (test) => {
    const directory = temporaryDirectory(test);
    await writeLayout(join(directory, 'out'), await layoutOf([amd64]));
    const [resolved] = await resolveText('oci:out', fakeContext({ directory }));
    assert.ok(resolved?.manifest.content.kind === 'image');
    const { store, manifest } = resolved;
    const { config, layers } = manifest.content as { config: Descriptor; layers: readonly Descriptor[] };
    const layer = layers[0] ?? assert.fail();
    const at = (blob: Descriptor) => join(directory, 'out', blobFile(blob.digest));
    const drain = (blob: Descriptor) => Array.fromAsync(store.openBlob(blob));
    await writeFile(at(layer), Buffer.alloc(layer.size));
    await assertRefused(
      drain(layer),
      'SOURCE_LAYOUT',
      /oci:out: blobs\/sha256\/\w+: content of sha256:\w+ has the digest/,
    );
    await writeFile(at(layer), 'x');
    await assertRefused(
      drain(layer),
      'SOURCE_LAYOUT',
      /blobs\/sha256\/\w+ has 1 bytes, but its descriptor says/,
    );
    await rm(at(layer));
    await assertRefused(drain(layer), 'SOURCE_LAYOUT', /blobs\/sha256\/\w+ is missing/);
    await writeFile(at(config), Buffer.alloc(config.size));
    await assertRefused(
      store.getBlob(config),
      'SOURCE_LAYOUT',
      /the digest of blobs\/sha256\/\w+ differs from its name/,
    );
  });
});

function indexJson(entry: object): string {
  return JSON.stringify({ schemaVersion: 2, manifests: [entry] });
}
