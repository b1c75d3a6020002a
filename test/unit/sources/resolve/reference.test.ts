import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describe as descriptorOf, makeImage } from '../../../support/images/images.ts';
import { assertRefused, byDigest, fakeContext, resolveText } from '../../../support/rigs/resolve-rig.ts';

const image = makeImage('linux/arm/v7');

describe('references and digests', () => {
  const cases = [
    { in: 'ghcr.io/acme/app:1', out: 'ghcr.io/acme/app:1' },
    { in: `quay.io/other/app@${image.digest}`, out: `quay.io/other/app@${image.digest}` },
    { in: `quay.io/other/app:1@${image.digest}`, out: `quay.io/other/app:1@${image.digest}` },
    { in: image.digest, out: `ghcr.io/acme/app@${image.digest}` },
  ];
  for (const { in: text, out } of cases)
    it(`${text.replace(image.digest, 'sha256:…')} is read where it is`, async () => {
      const context = fakeContext({ served: { [out]: image } });
      const resolved = await resolveText(text, context);
      const found = resolved.map(({ manifest }) => manifest.digest);
      assert.deepEqual(found, [image.digest]);
      assert.deepEqual(context.fetched, [out]);
    });

  it('a bare digest needs targets in one repository', async () => {
    const work = resolveText(image.digest, fakeContext({ repository: null }));
    const { hint } = await assertRefused(
      work,
      'SOURCE_REPOSITORY',
      /has no repository, and the tags are in more/,
    );
    assert.match(hint ?? '', /registry\/repository@sha256/);
  });
});

describe('descriptors', () => {
  const descriptor = descriptorOf(image);
  const context = fakeContext({ served: byDigest(image) });

  it('carry their platform and annotations', async () => {
    const platform = { architecture: 'arm', os: 'linux', variant: 'v7' };
    const text = JSON.stringify({ ...descriptor, platform, annotations: { a: 'b' } });
    const [resolved] = await resolveText(text, context);
    assert.equal(resolved?.manifest.digest, image.digest);
    assert.deepEqual(resolved.platform, platform);
    assert.deepEqual(resolved.annotations, { a: 'b' });
  });

  it('that carry nothing leave nothing', async () => {
    const [resolved] = await resolveText(JSON.stringify(descriptor), context);
    assert.ok(resolved && !('platform' in resolved) && !('annotations' in resolved));
  });

  it('are refused when the registry serves another size', async () => {
    const text = JSON.stringify({ ...descriptor, size: 1 });
    await assertRefused(
      resolveText(text, context),
      'SOURCE_DESCRIPTOR',
      /says 1 bytes, but the registry serves \d+/,
    );
  });

  it('are refused when the registry serves another type', async () => {
    const text = JSON.stringify({ ...descriptor, mediaType: 'application/vnd.oci.image.index.v1+json' });
    await assertRefused(
      resolveText(text, context),
      'SOURCE_DESCRIPTOR',
      /index\.v1\+json, but the registry serves/,
    );
  });
});
