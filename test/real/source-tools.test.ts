/** What other tools leave behind: archives and layouts by skopeo, drafts by docker's CLI, over a real registry. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Digest } from '../../src/oci/digest.ts';
import { parseManifest } from '../../src/oci/manifest.ts';
import { manifestAccept } from '../../src/oci/media-types.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { purgeDrafts } from '../../src/pipeline/purge.ts';
import { SourceError } from '../../src/run/errors.ts';
import type { SourceContext } from '../../src/sources/source.ts';
import { makeImage, makeIndex } from '../support/images/images.ts';
import { pushImage } from '../support/registry/push-image.ts';
import {
  type RealRegistry,
  realRegistryAvailable,
  startRealRegistry,
} from '../support/registry/real-registry.ts';
import { layoutOf, packTar, writeLayout } from '../support/rigs/layout-writer.ts';
import { assertRefused, fakeContext, resolveText } from '../support/rigs/resolve-rig.ts';
import { temporaryDirectory } from '../support/rigs/temporary-directory.ts';
import { skipWithout } from '../support/wire/programs.ts';

const run = promisify(execFile);
const amd64 = makeImage('linux/amd64');
const arm = makeImage('linux/arm/v7');
const index = makeIndex([amd64, arm], { attestations: true });

const insecure = ['--insecure-policy', 'copy', '--all', '--src-tls-verify=false'] as const;

describe('skopeo', { skip: skipWithout('skopeo') || !realRegistryAvailable() }, () => {
  let registry: RealRegistry;
  before(async () => {
    registry = await startRealRegistry();
    await pushImage(registry, 'acme/app', 'all', index);
    await pushImage(registry, 'acme/app', 'amd64', amd64);
  });
  after(() => registry.close());

  async function copied(test: TestContext, tag: string, target: string) {
    const directory = temporaryDirectory(test);
    const [transport, path] = target.split(':', 2) as [string, string];
    const rest = target.slice(transport.length + 1 + path.length);
    const source = `docker://${registry.host}/acme/app:${tag}`;
    await run('skopeo', [...insecure, source, `${transport}:${join(directory, path)}${rest}`]);
    return fakeContext({ directory });
  }

  it('writes an index with attestations to an archive', async (test) => {
    const context = await copied(test, 'all', 'oci-archive:app.tar:docker.io/acme/app:1');
    for (const pick of ['', ':1', ':docker.io/acme/app:1', `@${index.digest}`]) {
      const [resolved, ...others] = await resolveText(`oci-archive:app.tar${pick}`, context);
      assert.deepEqual(others, []);
      assert.deepEqual(resolved?.manifest.bytes, index.bytes);
      assert.ok(resolved.manifest.content.kind === 'index');
      for (const { digest } of resolved.manifest.content.manifests) {
        const { content } = await resolved.store.getManifest(digest);
        assert.ok(content.kind === 'image');
        for (const blob of [content.config, ...content.layers])
          await Array.fromAsync(resolved.store.openBlob(blob));
      }
    }
  });

  it('writes one image to an archive, which gzip makes smaller', async (test) => {
    const context = await copied(test, 'amd64', 'oci-archive:app.tar');
    const path = join(context.directory, 'app.tar');
    await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
    for (const name of ['app.tar', 'app.tar.gz']) {
      const [resolved] = await resolveText(`oci-archive:${name}`, context);
      assert.equal(resolved?.manifest.digest, amd64.digest);
    }
  });

  it('writes several images to one directory', async (test) => {
    const context = await copied(test, 'all', 'oci:out:all');
    const source = `docker://${registry.host}/acme/app:amd64`;
    await run('skopeo', [...insecure, source, `oci:${join(context.directory, 'out')}:amd64`]);
    const [all, one] = await resolveText('oci:out', context);
    assert.deepEqual([all?.manifest.digest, one?.manifest.digest], [index.digest, amd64.digest]);
    const [picked] = await resolveText('oci:out:amd64', context);
    assert.equal(picked?.manifest.digest, amd64.digest);
  });

  it('makes an archive of a layout that these tests wrote', async (test) => {
    const directory = temporaryDirectory(test);
    await writeLayout(join(directory, 'out'), await layoutOf([index]));
    await run('skopeo', [
      ...insecure,
      `oci:${join(directory, 'out')}`,
      `oci-archive:${join(directory, 'app.tar')}`,
    ]);
    const [resolved] = await resolveText('oci-archive:app.tar', fakeContext({ directory }));
    assert.equal(resolved?.manifest.digest, index.digest);
  });

  it("writes docker's own archives and a directory of its own, which are refused with what to type", async (test) => {
    const context = await copied(test, 'amd64', 'docker-archive:app.tar:acme/app:1');
    await assertSaved('oci-archive:app.tar', context);
    const directory = await copied(test, 'amd64', 'dir:out');
    const { message, hint } = await assertRefused(
      resolveText('oci:out', directory),
      'SOURCE_LAYOUT',
      /oci:out: /,
    );
    assert.match(message, /this is skopeo's own form of a directory, not an OCI layout$/);
    assert.match(hint ?? '', /^Convert it: `skopeo copy dir:out oci:out-oci`\.$/);
    const { directory: cwd } = directory;
    await run('skopeo', ['--insecure-policy', 'copy', 'dir:out', 'oci:out-oci'], { cwd });
    assert.equal((await resolveText('oci:out-oci', directory)).length, 1);
  });
});

/** Refuses an archive in docker's own form, with a command that makes a layout of it. */
async function assertSaved(source: string, context: SourceContext): Promise<void> {
  const { message, hint = '' } = await assertRefused(resolveText(source, context), 'SOURCE_ARCHIVE', /: /);
  assert.match(message, /oci-archive:app\.tar: this is docker's own form of an archive/);
  const [, command = ''] = /^Convert it: `skopeo ([^`]+)`/.exec(hint) ?? [];
  await run('skopeo', ['--insecure-policy', ...command.split(' ')], { cwd: context.directory });
  assert.equal((await resolveText('oci-archive:app-oci.tar', context)).length, 1);
}

describe('podman', { skip: skipWithout('podman', 'skopeo') }, () => {
  it("saves archives in docker's own form, which are refused with what to type", async (test) => {
    const directory = temporaryDirectory(test);
    const store = ['root', 'runroot'].flatMap((name) => [`--${name}`, join(directory, name)]);
    const podman = (...words: readonly string[]) =>
      run('podman', [...store, '--storage-driver', 'vfs', ...words], { cwd: directory });
    await writeFile(join(directory, 'root.tar'), await packTar([{ name: 'file', content: 'content' }]));
    await podman('import', 'root.tar', 'localhost/app:1');
    await podman('save', '--output', 'app.tar', 'localhost/app:1');
    await assertSaved('oci-archive:app.tar', fakeContext({ directory }));
    await podman('save', '--format', 'oci-archive', '--output', 'layout.tar', 'localhost/app:1');
    assert.equal((await resolveText('oci-archive:layout.tar', fakeContext({ directory }))).length, 1);
  });
});

describe("docker's CLI", { skip: skipWithout('docker') || !realRegistryAvailable() }, () => {
  let registry: RealRegistry;
  before(async () => {
    registry = await startRealRegistry();
    await pushImage(registry, 'acme/app', 'amd64', amd64);
    await pushImage(registry, 'acme/app', 'arm', arm);
  });
  after(() => registry.close());

  async function docker(context: SourceContext, ...words: readonly string[]): Promise<void> {
    const names = words.map((word) => word.replace(/^app\b/, `${registry.host}/acme/app`));
    await run('docker', ['manifest', ...names], {
      env: { ...process.env, DOCKER_CONFIG: context.dockerConfig },
    });
  }

  /** A context that reads manifests from the real registry by plain requests. */
  async function context(test: TestContext): Promise<SourceContext> {
    const dockerConfig = temporaryDirectory(test);
    return {
      ...fakeContext({ dockerConfig }),
      async fetch(line, { repository, tag, digest }) {
        const url = `${registry.url}/v2/${repository.path}/manifests/${digest ?? tag}`;
        const response = await fetch(url, { headers: { accept: manifestAccept } });
        if (!response.ok)
          throw new SourceError('SOURCE_MISSING', `sources line ${line.line}: ${tag} does not exist`);
        const bytes = new Uint8Array(await response.arrayBuffer());
        const manifest = parseManifest(bytes, response.headers.get('content-type') ?? undefined);
        return { line, label: `${tag}`, manifest, store: await noStore() };
      },
    };
  }

  async function noStore() {
    const [resolved] = await resolveText(amd64.digest, fakeContext({ served: { [amd64.digest]: amd64 } }));
    return resolved?.store ?? assert.fail();
  }

  it('leaves drafts, whose sources come in its own order with annotated platforms', async (test) => {
    const drafts = await context(test);
    await docker(drafts, 'create', '--insecure', 'app:1', 'app:arm', 'app:amd64');
    await docker(
      drafts,
      'annotate',
      'app:1',
      'app:arm',
      '--variant',
      'v6',
      '--os-version',
      '1.2',
      '--os-features',
      'x',
    );
    const resolved = await resolveText(`docker-manifest:${registry.host}/acme/app:1`, drafts);
    assert.deepEqual(
      resolved.map(({ label, manifest, platform }) => ({ label, digest: manifest.digest, platform })),
      [
        {
          label: `${registry.host}/acme/app:amd64`,
          digest: amd64.digest as Digest,
          platform: { architecture: 'amd64', os: 'linux' },
        },
        {
          label: `${registry.host}/acme/app:arm`,
          digest: arm.digest as Digest,
          platform: {
            architecture: 'arm',
            os: 'linux',
            'os.version': '1.2',
            'os.features': ['x'],
            variant: 'v6',
          },
        },
      ],
    );
  });

  it('leaves drafts of lists without tag and of sources by digest', async (test) => {
    const drafts = await context(test);
    await docker(drafts, 'create', '--insecure', 'app', `app@${amd64.digest}`);
    const [resolved] = await resolveText(`docker-manifest:${registry.host}/acme/app`, drafts);
    assert.equal(resolved?.manifest.digest, amd64.digest);
  });

  it('creates drafts that become stale, which is an error', async (test) => {
    const drafts = await context(test);
    await pushImage(registry, 'acme/app', 'moving', amd64);
    await docker(drafts, 'create', '--insecure', 'app:2', 'app:moving');
    await pushImage(registry, 'acme/app', 'moving', arm);
    const name = `docker-manifest:${registry.host}/acme/app:2`;
    const { message, hint } = await assertRefused(
      resolveText(name, drafts),
      'SOURCE_DRAFT_STALE',
      /is stale/,
    );
    assert.ok(message.includes(amd64.digest) && message.includes(arm.digest));
    assert.ok(hint?.includes(`docker manifest rm ${registry.host}/acme/app:2`));
    await docker(drafts, 'rm', 'app:2');
    await docker(drafts, 'create', '--insecure', 'app:2', 'app:moving');
    assert.equal((await resolveText(name, drafts))[0]?.manifest.digest, arm.digest);
  });

  it('creates drafts that purging removes, so that the CLI starts again', async (test) => {
    const drafts = await context(test);
    await docker(drafts, 'create', '--insecure', 'app:3', 'app:arm');
    const tag = parseReference(`${registry.host}/acme/app:3`);
    assert.deepEqual(await purgeDrafts([tag], drafts.dockerConfig), [`${registry.host}/acme/app:3`]);
    await assert.rejects(docker(drafts, 'rm', 'app:3'));
    const work = resolveText(`docker-manifest:${registry.host}/acme/app:3`, drafts);
    await assertRefused(work, 'SOURCE_DRAFT', /there is no local draft of/);
  });
});
