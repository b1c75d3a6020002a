/** Sources that are not there yet. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, errorOf, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('a source that appears a little later is waited for', {}, async (t) => {
  await t.push('app:amd64', amd64);
  t.registry.inject({
    on: { method: 'GET', path: /\/manifests\/arm64$/ },
    fault: 'after',
    call: () => t.push('app:arm64', arm64),
  });
  const sources = `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
});

scenario('a source that never appears is waited for as long as it says', everywhere, async (t) => {
  await t.push('app:amd64', amd64);
  const inputs = {
    tags: t.ref('app:1'),
    sources: `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`,
    'wait-for-sources': '700ms',
  };
  const run = await t.publish(inputs);
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /sources line 2: .+ does not exist \(waited 0\.7 s\)/);
  assert.ok(run.durationMs >= 700, `${run.durationMs} ms`);
});

scenario('no wait at all', {}, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), 'wait-for-sources': '0' };
  const run = await t.publish(inputs);
  await assertNothingDone(t, run, ['app:1']);
  assert.equal(t.registry.wire.filter(({ path }) => path.endsWith('/amd64')).length, 1);
});
