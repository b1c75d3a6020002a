import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';

const everywhere = { on: ['in-process', 'real'] } as const;

scenario('two images become one tag, read back and reported', everywhere, async (t) => {
  const amd64 = makeImage('linux/amd64', { types: 'docker' });
  const arm = makeImage('linux/arm/v7', { types: 'docker' });
  await t.push('app:1-amd64', amd64);
  await t.push('app:1-arm', arm);
  const run = await t.publish({
    tags: t.ref('app:1'),
    sources: `${t.ref('app:1-amd64')}\n${t.ref('app:1-arm')}`,
  });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
  assert.equal((await t.served('app:1'))?.digest, run.outputs['digest']);
});

scenario('the same with a password', { ...everywhere, auth: 'basic' }, async (t) => {
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const run = await t.publish({
    tags: t.ref('app:1'),
    sources: t.ref('app:1-amd64'),
    'registry-auth': t.registryAuth,
  });
  t.snapshot(run);
  assert.equal(run.exitCode, 0);
});

scenario(
  'the same with a token, over TLS',
  { ...everywhere, auth: 'bearer', tls: true, repositories: ['app'] },
  async (t) => {
    await t.push('app:1-amd64', makeImage('linux/amd64'));
    const run = await t.publish({
      tags: t.ref('app:1'),
      sources: t.ref('app:1-amd64'),
      'registry-auth': t.registryAuth,
    });
    t.snapshot(run);
    assert.equal(run.exitCode, 0);
  },
);
