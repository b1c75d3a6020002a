import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { makeImage, type TestContent } from '../../../support/images/images.ts';
import { assertRefused, fakeContext, resolveText } from '../../../support/rigs/resolve-rig.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';

const amd64 = makeImage('linux/amd64', { types: 'docker' });
const arm = makeImage('linux/arm/v7');

/** A draft's file as docker's CLI writes it, in the parts that are read. */
function draftOf(reference: string, { mediaType, digest, size }: TestContent, platform: unknown): string {
  const descriptor = { mediaType, digest, size, platform };
  return JSON.stringify({ Ref: reference, Descriptor: descriptor, Raw: 'e30=', OCIManifest: { a: 1, A: 2 } });
}

async function contextWith(test: TestContext, files: Readonly<Record<string, string>>) {
  const dockerConfig = temporaryDirectory(test);
  const directory = join(dockerConfig, 'manifests', 'docker.io_acme_app-1.0');
  await mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return fakeContext({
    dockerConfig,
    served: { 'docker.io/acme/app:amd64': amd64, 'docker.io/acme/app:arm': arm },
  });
}

const name = 'docker-manifest:acme/app:1.0';
const good = draftOf('docker.io/acme/app:amd64', amd64, { architecture: 'amd64', os: 'linux' });

describe('docker-manifest:NAME', () => {
  it('yields the sources by file name, with the platforms of the draft', async (test) => {
    const annotated = {
      architecture: 'arm',
      os: 'linux',
      'os.version': '',
      'os.features': [],
      variant: 'v6',
    };
    const context = await contextWith(test, {
      'docker.io_acme_app-arm': draftOf('docker.io/acme/app:arm', arm, annotated),
      'docker.io_acme_app-amd64': good,
    });
    const resolved = await resolveText(name, context);
    assert.deepEqual(
      resolved.map(({ label, manifest, platform }) => ({ label, digest: manifest.digest, platform })),
      [
        {
          label: 'docker.io/acme/app:amd64',
          digest: amd64.digest,
          platform: { architecture: 'amd64', os: 'linux' },
        },
        {
          label: 'docker.io/acme/app:arm',
          digest: arm.digest,
          platform: { architecture: 'arm', os: 'linux', variant: 'v6' },
        },
      ],
    );
  });

  it('leaves the platform open where the draft does', async (test) => {
    const context = await contextWith(test, { x: draftOf('docker.io/acme/app:amd64', amd64, undefined) });
    const [resolved] = await resolveText(name, context);
    assert.ok(resolved && !('platform' in resolved));
  });

  it('refuses a stale draft, with both digests and the commands to run', async (test) => {
    const context = await contextWith(test, { x: draftOf('docker.io/acme/app:arm', amd64, undefined) });
    const { message, hint } = await assertRefused(
      resolveText(name, context),
      'SOURCE_DRAFT_STALE',
      /acme\/app:1\.0 is stale/,
    );
    assert.ok(
      message.includes(`has acme/app:arm as ${amd64.digest}, but the registry now serves ${arm.digest}`),
    );
    assert.match(hint ?? '', /`docker manifest rm acme\/app:1\.0`.*`create --amend` keeps the old digests/);
  });

  const refused = [
    ['no sources', {}, /there is no local draft of acme\/app:1\.0/],
    ['text that is not JSON', { x: '' }, /"docker-manifest:acme\/app:1\.0\/x": the document is not JSON/],
    ['no reference', { x: '{"Descriptor":{}}' }, /the reference is empty/],
    ['no descriptor', { x: '{"Ref":"a:1"}' }, /Descriptor is missing/],
    ['a broken digest', { x: good.replace(amd64.digest, 'sha256:x') }, /digest "\*\*\*" has 1 character/],
  ] as const;
  for (const [flaw, files, message] of refused)
    it(`refuses a draft with ${flaw}`, async (test) => {
      const context = await contextWith(test, files);
      await assertRefused(resolveText(name, context), 'SOURCE_DRAFT', message);
      assert.deepEqual(context.fetched, []);
    });

  it('refuses a draft that does not exist, with its directory', async (test) => {
    const context = await contextWith(test, { x: good });
    const { hint } = await assertRefused(
      resolveText('docker-manifest:acme/app:2', context),
      'SOURCE_DRAFT',
      /no local draft/,
    );
    assert.ok(hint?.includes(join(context.dockerConfig, 'manifests', 'docker.io_acme_app-2')));
  });
});
