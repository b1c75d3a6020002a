/** The rules of skopeo, asked of skopeo itself over a list in an image layout. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { normalizePlatform, parsePlatform } from '../../src/oci/platform.ts';
import { choose } from '../../src/policy/puller.ts';
import { makeImage, makeIndex, type PlatformLike } from '../support/images/images.ts';
import { digestText } from '../support/registry/registry-store.ts';
import { layoutOf, writeLayout } from '../support/rigs/layout-writer.ts';
import { temporaryDirectory } from '../support/rigs/temporary-directory.ts';
import { skipWithout } from '../support/wire/programs.ts';

const run = promisify(execFile);

const lists: readonly (readonly [name: string, platforms: readonly PlatformLike[]])[] = [
  ['the usual', ['linux/amd64', 'linux/arm64', 'linux/arm/v7']],
  ['ARM levels', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm', 'linux/386']],
  ['ARM levels, the other way round', ['linux/arm', 'linux/arm/v6', 'linux/arm/v5']],
  ['both spellings of arm64', ['linux/arm64', 'linux/arm64/v8']],
  ['levels of amd64', ['linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64']],
  ['a level of amd64 only', ['linux/amd64/v2', 'linux/386']],
  ['one platform twice', ['linux/amd64', 'linux/amd64']],
  ['spellings', ['linux/x86_64', 'linux/aarch64', 'linux/arm/7']],
  ['os.features', [{ os: 'linux', architecture: 'amd64', 'os.features': ['magic'] }, 'linux/amd64']],
];
const clients = ['amd64', 'amd64/v2', 'amd64/v3', 'arm64', 'arm/v7', 'arm/v6', 'arm/v5', '386', 's390x'];

describe('skopeo takes what we say', { skip: skipWithout('skopeo') }, () => {
  for (const [name, platforms] of lists)
    it(name, async (test) => {
      const images = platforms.map((platform, at) => makeImage(platform, { name: `image ${at}` }));
      const index = makeIndex(images);
      const directory = temporaryDirectory(test);
      await writeLayout(directory, await layoutOf([index]));
      const entries = index.document.manifests as unknown as readonly Descriptor[];
      for (const each of clients) {
        const client = normalizePlatform(parsePlatform(`linux/${each}`));
        const chosen = choose('skopeo', entries, client)?.entry.digest;
        const image = images.find(({ digest }) => digest === chosen);
        const config = image?.document.config?.digest;
        assert.equal(await taken(directory, each), config, each);
      }
    });
});

/** The digest of the config that skopeo reads for a client, or undefined when nothing fits. */
async function taken(directory: string, client: string): Promise<string | undefined> {
  const [architecture = '', variant = architecture === 'arm64' ? 'v8' : ''] = client.split('/');
  const platform = ['--override-os', 'linux', '--override-arch', architecture, '--override-variant', variant];
  try {
    const { stdout } = await run('skopeo', [...platform, 'inspect', '--config', '--raw', `oci:${directory}`]);
    return digestText(Buffer.from(stdout));
  } catch (error) {
    assert.match(String(error), /no image found/);
    return undefined;
  }
}
