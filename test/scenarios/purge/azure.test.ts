/** Staging tags of Azure's container registries go by their own API, with the registry's usual tokens. */
import assert from 'node:assert/strict';
import { scenario } from '../../support/run/scenario.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { json, type Script } from '../../support/vendors/api-server.ts';
import { warningsOf } from '../evidence.ts';
import { proxyTo, purgeThrough, scripted, stage } from './vendor-rig.ts';

const host = 'acme.azurecr.io';
const azure = { registry: { tls: serverTls([host]) } };
const names = ['1-amd64', '1-arm64'].map((tag) => `${host}/team/app:${tag}`);

scenario('tags of an Azure registry go by its API', azure, async (t) => {
  await stage(t, 'team/app');
  const paths: string[] = [];
  scripted(t, /^\/acr\//, ({ method, path }) => {
    paths.push(`${method} ${path}`);
    t.registry.remove('team/app', path.slice(path.lastIndexOf('/') + 1));
    return { status: 202, headers: {} };
  });
  const run = await purgeThrough(t, await proxyTo(t, { [host]: t.registry.host }), {
    tags: names.join('\n'),
  });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), names, run.stdout);
  const probe = paths[0]?.split('/').at(-1) ?? '';
  assert.match(probe, /^multiarch-manifest-action-probe-1-[0-9a-f]{8}$/);
  assert.deepEqual(
    paths,
    [probe, '1-amd64', '1-arm64'].map((tag) => `DELETE /acr/v1/team/app/_tags/${tag}`),
  );
});

const refusals: readonly { readonly name: string; readonly script: Script; readonly warning: RegExp }[] = [
  {
    name: 'the tag is locked',
    script: () => json(405, { errors: [{ code: 'UNSUPPORTED', message: 'The operation is disallowed.' }] }),
    warning:
      /\(405, UNSUPPORTED: .*\)\. Give the login permission to delete, or run `az acr repository untag --name acme --image team\/app:1-amd64`/,
  },
  {
    name: 'the login may not delete',
    script: () => json(403, { errors: [{ code: 'DENIED' }] }),
    warning: /acme\.azurecr\.io refused to remove the tag \(403, DENIED\)/,
  },
  {
    name: 'it says that the tag is missing, and serves it',
    script: () => json(404, { errors: [{ code: 'TAG_UNKNOWN' }] }),
    warning: /acme\.azurecr\.io refused to remove the tag \(404, TAG_UNKNOWN\)/,
  },
];

for (const { name, script, warning } of refusals) {
  scenario(`tags of an Azure registry stay, with a warning: ${name}`, azure, async (t) => {
    await stage(t, 'team/app');
    scripted(t, /^\/acr\//, script);
    const run = await purgeThrough(t, await proxyTo(t, { [host]: t.registry.host }), {
      tags: names.join('\n'),
    });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.outputs['purged'], '[]');
    assert.equal(warningsOf(run).length, 1, run.stdout);
    assert.match(warningsOf(run)[0] ?? '', warning);
    assert.deepEqual(Object.keys(t.registry.tags('team/app')), ['1', '1-amd64', '1-arm64']);
  });
}
