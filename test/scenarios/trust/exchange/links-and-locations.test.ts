/** Links and Locations are whole URLs on the registry's origin; what is deleted is an upload and nothing else. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage } from '../../../support/images/images.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry/registry.ts';
import { scenario } from '../../../support/run/scenario.ts';

const image = makeImage('linux/amd64');
const signature = makeArtifact({ artifactType: 'application/vnd.example.signature', subject: image });

/** A link to the next page of referrers, by the hosts of the registry and of a stranger. */
const links: Readonly<Record<string, (own: string, stranger: string) => string>> = {
  'another host': (_own, stranger) => `http://${stranger}/v2/staging/referrers/next`,
  'another host without a scheme': (_own, stranger) => `//${stranger}/v2/staging/referrers/next`,
  'a path that looks like another host': (own, stranger) => `http://${own}//${stranger}/v2/referrers/next`,
  'a path of backslashes': (own, stranger) => `http://${own}/\\${stranger}/v2/referrers/next`,
};

for (const [name, link] of Object.entries(links)) {
  scenario(
    `a list of referrers that goes on at ${name} goes to no stranger`,
    { registries: 2 },
    async (t) => {
      const [from, to] = t.registries;
      assert.ok(from !== undefined && to !== undefined);
      const stranger = await startRegistry();
      t.test.after(() => stranger.close());
      await t.push('staging:1', image, from);
      await t.push('staging', signature, from);
      const set = { link: `<${link(from.host, stranger.host)}>; rel="next"` };
      from.inject({ fault: 'headers', set, on: { path: /\/referrers\//, times: 3 } });
      await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1', from) });
      assert.deepEqual(stranger.wire, []);
    },
  );
}

/** Locations of an upload that was opened in place of a mount, which are none. */
const locations: Readonly<Record<string, string>> = {
  'a manifest': '/v2/app/manifests/uploads',
  'a manifest in a repository of that name': '/v2/uploads/manifests/latest',
  'a blob': `/v2/app/blobs/${image.digest}?from=uploads`,
  'a path that climbs': '/v2/app/blobs/uploads/../../manifests/uploads',
  'a path that climbs in disguise': '/v2/app/blobs/uploads/%2e%2e/%2e%2e/manifests/uploads',
};

function deleted(registry: TestRegistry): readonly string[] {
  return registry.wire.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
}

for (const [name, location] of Object.entries(locations)) {
  scenario(`an upload that is to go on at ${name} deletes nothing there`, {}, async (t) => {
    await t.push('staging:1', image);
    await t.push('app:uploads', makeImage('linux/arm64'));
    await t.push('uploads:latest', makeImage('linux/arm64'));
    t.registry.inject({
      fault: 'status',
      status: 202,
      body: '',
      headers: { location },
      on: { method: 'POST', path: /mount=/, times: 99 },
    });
    const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('staging:1') });
    assert.deepEqual(
      deleted(t.registry).filter((path) => !/^\/v2\/.+\/blobs\/uploads?\/[^/]+$/.test(path)),
      [],
      run.stdout,
    );
    assert.notEqual(await t.served('app:uploads'), undefined);
    assert.notEqual(await t.served('uploads:latest'), undefined);
  });
}
