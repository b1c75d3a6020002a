import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parseReference } from '../../../src/oci/reference.ts';
import { purgeDrafts } from '../../../src/pipeline/purge.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';

const tags = ['acme/app:1', 'localhost:5000/app:latest', 'ghcr.io/acme/none:1'].map(parseReference);
const drafts = ['docker.io_acme_app-1', 'localhost-5000_app-latest'] as const;

async function configWith(test: TestContext, directories: readonly string[]): Promise<string> {
  const config = temporaryDirectory(test);
  for (const name of directories) {
    await mkdir(join(config, 'manifests', name), { recursive: true });
    await writeFile(join(config, 'manifests', name, 'source'), '{}');
  }
  return config;
}

describe('purging local drafts', () => {
  it('removes the drafts of exactly these tags, and names them', async (test) => {
    const config = await configWith(test, [...drafts, 'docker.io_acme_app-10', 'docker.io_acme_app']);
    assert.deepEqual(await purgeDrafts([...tags, ...tags], config), [
      'acme/app:1',
      'localhost:5000/app:latest',
    ]);
    for (const name of drafts) assert.ok(!existsSync(join(config, 'manifests', name)));
    assert.ok(existsSync(join(config, 'manifests', 'docker.io_acme_app-10', 'source')));
    assert.ok(existsSync(join(config, 'manifests', 'docker.io_acme_app', 'source')));
  });

  it('removes nothing without drafts, without their directory, without a configuration', async (test) => {
    assert.deepEqual(await purgeDrafts(tags, await configWith(test, ['other'])), []);
    assert.deepEqual(await purgeDrafts(tags, await configWith(test, [])), []);
    assert.deepEqual(await purgeDrafts(tags, '/nowhere/at/all'), []);
  });

  it('keeps links and files in the place of drafts, and the targets of links inside drafts', async (test) => {
    const outside = await configWith(test, ['x']);
    const config = await configWith(test, [drafts[1]]);
    const at = (name: string) => join(config, 'manifests', name);
    await symlink(join(outside, 'manifests', 'x'), at(drafts[0]));
    await symlink(join(outside, 'manifests', 'x'), join(at(drafts[1]), 'link'));
    await writeFile(at('ghcr.io_acme_none-1'), '');
    assert.deepEqual(await purgeDrafts(tags, config), ['localhost:5000/app:latest']);
    assert.ok(existsSync(at(drafts[0])) && existsSync(at('ghcr.io_acme_none-1')));
    assert.ok(existsSync(join(outside, 'manifests', 'x', 'source')));
  });

  it('does not follow a link in the place of the drafts directory', async (test) => {
    const outside = await configWith(test, drafts);
    const config = temporaryDirectory(test);
    await symlink(join(outside, 'manifests'), join(config, 'manifests'));
    assert.deepEqual(await purgeDrafts(tags, config), []);
    assert.ok(existsSync(join(outside, 'manifests', drafts[0])));
  });
});
