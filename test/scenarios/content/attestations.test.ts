/** Provenance and SBOM entries of lists that buildx made. */
import assert from 'node:assert/strict';
import { makeAttestation, makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const subject = 'vnd.docker.reference.digest';

scenario('attestations stay with their images', everywhere, async (t) => {
  await t.push('app:amd64', makeIndex([amd64], { attestations: true }));
  await t.push('app:arm64', makeIndex([arm64], { attestations: true }));
  const sources = `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
  assert.deepEqual(
    entriesOf(run).map(({ annotations }) => annotations?.[subject]),
    [undefined, amd64.digest, undefined, arm64.digest],
  );
});

scenario('attestations are dropped on request', everywhere, async (t) => {
  await t.push('app:amd64', makeIndex([amd64], { attestations: true }));
  await t.push('app:arm64', makeIndex([arm64], { attestations: true }));
  const sources = `${t.ref('app:amd64')}\n${t.ref('app:arm64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, attestations: 'drop' });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(
    entriesOf(run).map(({ digest }) => digest),
    [amd64.digest, arm64.digest],
  );
});

scenario('attestations without the annotations that say so are no platform either', everywhere, async (t) => {
  const unknown = { os: 'unknown', architecture: 'unknown' };
  const statements = [amd64, arm64].map((image) => ({
    content: makeAttestation(image),
    platform: unknown,
  }));
  await t.push('app:amd64', makeIndex([amd64, ...statements]));
  const sources = t.ref('app:amd64');
  const kept = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(kept.outputs['digest'], (await t.served('app:amd64'))?.digest, kept.stdout);
  const run = await t.publish({ tags: t.ref('app:1'), sources, attestations: 'drop' });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run, { wire: 'none' });
  assert.deepEqual(
    entriesOf(run).map(({ digest }) => digest),
    [amd64.digest],
  );
});

scenario('a Docker manifest list cannot hold attestations', everywhere, async (t) => {
  await t.push('app:amd64', makeIndex([amd64], { attestations: true }));
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), format: 'docker' };
  const run = await t.publish(inputs);
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /attestation/);
  const dropped = await t.publish({ ...inputs, attestations: 'drop' });
  assert.equal(dropped.exitCode, 0, dropped.stdout);
});
