/** `purge-sources`: the staging tags go after a verified push, and nothing else does. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { loadedSources } from '../../support/run/loaded-sources.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { errorOf, warningsOf } from '../evidence.ts';
import { proxyTo, removalsOf } from './vendor-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

async function stage(t: Scenario): Promise<{ tags: string; sources: string; 'purge-sources': string }> {
  await t.push('app:1-amd64', amd64);
  await t.push('app:1-arm64', arm64);
  const sources = `${t.ref('app:1-amd64')}\n${t.ref('app:1-arm64')}`;
  return { tags: t.ref('app:1'), sources, 'purge-sources': 'true' };
}

scenario('staging tags go after a verified push', {}, async (t) => {
  const run = await t.publish(await stage(t));
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [t.ref('app:1-amd64'), t.ref('app:1-arm64')]);
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1']);
});

scenario('they stay by default', {}, async (t) => {
  const { tags, sources } = await stage(t);
  const run = await t.publish({ tags, sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1', '1-amd64', '1-arm64']);
});

scenario('they stay in a dry run', {}, async (t) => {
  const run = await t.publish({ ...(await stage(t)), push: 'false' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1-amd64', '1-arm64']);
});

scenario('a source that is published too is refused before anything', {}, async (t) => {
  const inputs = await stage(t);
  const run = await t.publish({ ...inputs, tags: `${t.ref('app:1')}\n${t.ref('app:1-arm64')}` });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
  assert.deepEqual(t.registry.wire, []);
});

scenario('sources by digest, with a tag or without, have nothing to remove', {}, async (t) => {
  await t.push('app:1-amd64', amd64);
  const sources = `${t.ref('app:1-amd64')}@${amd64.digest}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, 'purge-sources': 'true' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['purged'], '[]');
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1', '1-amd64']);
});

scenario('a list as a source loses its tag, and keeps its images', { registries: 2 }, async (t) => {
  const [staging, production] = t.registries;
  assert.ok(staging && production);
  const list = makeIndex([amd64, arm64]);
  await t.push('app:rc', list, staging);
  const run = await t.publish({
    tags: t.ref('app:1', production),
    sources: t.ref('app:rc', staging),
    'purge-sources': 'true',
  });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [t.ref('app:rc', staging)]);
  assert.deepEqual(staging.tags('app'), {});
  for (const { digest } of [list, amd64, arm64]) {
    assert.ok(await t.served(`app@${digest}`, staging));
    assert.ok(await t.served(`app@${digest}`, production));
  }
});

scenario('a tag that holds another image by now is left, with a warning', {}, async (t) => {
  const inputs = await stage(t);
  const other = makeImage('linux/386');
  t.registry.inject({
    on: { method: 'PUT', path: /\/manifests\/1$/ },
    fault: 'after',
    call: () => t.push('app:1-amd64', other),
  });
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(JSON.parse(run.outputs['purged'] ?? ''), [t.ref('app:1-arm64')]);
  assert.deepEqual(warningsOf(run), [
    `Not removed, because something else pushed it: ${t.ref('app:1-amd64')} (holds ${other.digest}, not ${amd64.digest})`,
  ]);
  assert.equal(t.registry.tags('app')['1-amd64'], other.digest);
});

scenario('they stay when the push fails', {}, async (t) => {
  const inputs = await stage(t);
  t.registry.inject({ on: { method: 'PUT', times: 9 }, fault: 'status', status: 403, code: 'DENIED' });
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 1);
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1-amd64', '1-arm64']);
  assert.equal(t.registry.wire.filter(({ method }) => method === 'DELETE').length, 0);
});

scenario('a registry that refuses is a warning', { registry: { tagDelete: 405 } }, async (t) => {
  const run = await t.publish(await stage(t));
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 0);
  assert.equal(run.outputs['purged'], '[]');
});

scenario(
  'a list that is lost with a staging tag is put back with its tags, and the step fails',
  {},
  async (t) => {
    const inputs = await stage(t);
    t.registry.inject({
      on: { method: 'DELETE', path: /1-amd64$/ },
      fault: 'after',
      call: () => {
        for (const digest of [t.registry.tags('app')['1'] ?? '', amd64.digest])
          t.registry.remove('app', digest);
      },
    });
    const run = await t.publish(inputs);
    assert.equal(run.exitCode, 1);
    assert.match(errorOf(run).join('\n'), /put back .*\[CONTENT_REMOVED\]/s);
    const list = t.registry.tags('app')['1'] ?? '';
    assert.equal(run.outputs['digest'], list, 'the list is published all the same');
    assert.deepEqual([run.outputs['tags'], run.outputs['published']], [t.ref('app:1'), 'true']);
    assert.match(run.summary, /`1` \| \*\*created\*\*, holds <code>/);
    for (const digest of [list, amd64.digest, arm64.digest])
      assert.ok(await t.served(`app@${digest}`), digest);
    assert.ok('1-arm64' in t.registry.tags('app'), 'nothing more is removed after that');
  },
);

scenario('a published tag that goes with a staging tag of the same image is put back', {}, async (t) => {
  await t.push('app:1-rc', makeIndex([amd64, arm64]));
  t.registry.inject({
    on: { method: 'DELETE', path: /1-rc$/ },
    fault: 'after',
    call: () => t.registry.remove('app', '1'),
  });
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:1-rc'), 'purge-sources': 'true' });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /app@sha256:\w+ \(1\): put back .*\[CONTENT_REMOVED\]/s);
  assert.deepEqual(Object.keys(t.registry.tags('app')), ['1']);
});

scenario('what removes tags is loaded only for that, and the packages API only for GitHub', {}, async (t) => {
  const { tags, sources, ...purging } = await stage(t);
  const [without, having] = [loadedSources(t.test), loadedSources(t.test)];
  await t.publish({ tags, sources }, { env: without.env });
  assert.equal(without.include(/registry\/untag\/remover/), false);
  await t.publish({ tags, sources, ...purging }, { env: having.env });
  assert.equal(having.include(/registry\/untag\/remover/), true);
  for (const run of [without, having]) assert.equal(run.include(/@octokit\//), false);
});

scenario(
  'a source that is the published tag in another spelling is refused before anything',
  {},
  async (t) => {
    await t.push('app:1', amd64);
    const port = t.registry.host.split(':')[1];
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
      const run = await t.publish({
        tags: t.ref('app:1'),
        sources: `${host}/app:1`,
        'prefer-index': 'false',
        'purge-sources': 'true',
      });
      assert.equal(run.exitCode, 1, run.stdout);
      assert.match(errorOf(run).join(), new RegExp(`would remove ${host.replace(/[[\]]/g, '\\$&')}/app:1`));
    }
    assert.deepEqual(
      t.registry.wire.filter(({ method }) => method !== 'PUT' && method !== 'HEAD'),
      [],
    );
  },
);

const named = {
  registry: { tls: serverTls(['reg.example', 'alias.example']), locations: 'relative' },
} as const;

scenario('the port 443 makes no other registry', named, async (t) => {
  await t.push('acme/app:1', amd64);
  const proxy = await proxyTo(t, { 'reg.example': t.registry.host });
  const run = await t.publish(
    {
      tags: 'reg.example/acme/app:1',
      sources: 'reg.example:443/acme/app:1',
      'prefer-index': 'false',
      'purge-sources': 'true',
    },
    { env: { HTTPS_PROXY: proxy.url } },
  );
  assert.equal(run.exitCode, 1, run.stdout);
  assert.deepEqual(t.registry.tags('acme/app'), { '1': amd64.digest });
});

for (const path of ['acme/app', 'docker/acme/app'])
  scenario(
    `a tag that holds what was published as ${path}:1 is left, whatever its host`,
    named,
    async (t) => {
      await t.push('acme/app:1', amd64);
      const { host } = t.registry;
      const proxy = await proxyTo(t, { 'reg.example': host, 'alias.example': host });
      const run = await t.publish(
        {
          tags: `reg.example/${path}:1`,
          sources: 'alias.example/acme/app:1',
          'prefer-index': 'false',
          'purge-sources': 'true',
        },
        { env: { HTTPS_PROXY: proxy.url } },
      );
      assert.equal(run.exitCode, 0, run.stdout);
      assert.deepEqual(t.registry.tags('acme/app'), { '1': amd64.digest });
      assert.match(
        warningsOf(run).join(),
        /^Not removed: alias\.example\/acme\/app:1: a published tag has the same/,
      );
      assert.ok(t.registry.wire.every(({ method }) => method !== 'DELETE'));
    },
  );

scenario('a source in two spellings is removed once', { registry: { locations: 'relative' } }, async (t) => {
  await t.push('app:1-amd64', amd64);
  const port = t.registry.host.split(':')[1];
  const sources = `${t.ref('app:1-amd64')}\nlocalhost:${port}/app:1-amd64`;
  const inputs = { tags: t.ref('app:1'), sources, 'duplicate-platforms': 'first', 'purge-sources': 'true' };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(removalsOf(t).length, 1, run.stdout);
});
