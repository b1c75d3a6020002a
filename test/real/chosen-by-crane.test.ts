/** The rules of crane, which tries no other platform, asked of crane itself over a list in the test registry. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { normalizePlatform, parsePlatform } from '../../src/oci/platform.ts';
import { choose } from '../../src/policy/puller.ts';
import { makeImage, makeIndex, type PlatformLike } from '../support/images/images.ts';
import { pushImage } from '../support/registry/push-image.ts';
import { startRegistry } from '../support/registry/registry.ts';
import { findProgram } from '../support/wire/programs.ts';

const run = promisify(execFile);

const lists: readonly { name: string; platforms: readonly PlatformLike[] }[] = [
  { name: 'the usual', platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] },
  { name: 'levels, the best last', platforms: ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7'] },
  { name: 'levels, the best first', platforms: ['linux/arm/v7', 'linux/arm/v6', 'linux/amd64'] },
  { name: 'one platform twice', platforms: ['linux/amd64', 'linux/amd64', 'linux/s390x'] },
  { name: 'only levels below', platforms: ['linux/386', 'linux/arm/v5'] },
];
const clients = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5', 'linux/s390x'];

// Debian has it from its unstable suite on.
const missing = findProgram('crane') === undefined ? 'not on PATH: crane' : false;

describe('crane takes for a platform what we say, and nothing where we say a fallback', {
  skip: missing,
}, () => {
  for (const { name, platforms } of lists)
    it(name, async (test) => {
      const registry = await startRegistry();
      test.after(() => registry.close());
      const index = makeIndex(platforms.map((platform, at) => makeImage(platform, { name: `image ${at}` })));
      await pushImage(registry, 'app', '1', index);
      const entries = index.document.manifests as unknown as readonly Descriptor[];
      for (const client of clients) {
        const choice = choose('containerd', entries, normalizePlatform(parsePlatform(client)));
        const expected = choice?.how === 'exact' ? choice.entry.digest : undefined;
        assert.equal(await taken(`${registry.host}/app:1`, client), expected, client);
      }
    });
});

/** The digest that crane takes for a platform, or undefined when nothing fits. */
async function taken(reference: string, platform: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('crane', ['digest', '--insecure', '--platform', platform, reference]);
    return stdout.trim();
  } catch (error) {
    assert.match(String(error), /no child with platform/);
    return undefined;
  }
}
