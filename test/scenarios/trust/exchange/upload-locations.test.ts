/** Only an upload is deleted, wherever a registry says that one goes on. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import { scenario } from '../../../support/run/scenario.ts';

const image = makeImage('linux/amd64');

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
