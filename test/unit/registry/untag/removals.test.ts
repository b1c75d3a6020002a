import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseReference } from '../../../../src/oci/reference.ts';
import { Removals } from '../../../../src/registry/untag/removals.ts';
import type { StagingTag } from '../../../../src/registry/untag/staging-tag.ts';
import { makeImage } from '../../../support/images/images.ts';
import { manifestOf } from '../../../support/rigs/memory-registry.ts';
import { FakeClock, outcomeOf } from '../../../support/rigs/wire-rig.ts';

const manifest = manifestOf(makeImage('linux/amd64'));
const endless = (): Promise<never> => new Promise(() => {});

function tagOf(name: string): StagingTag {
  const { repository, tag = '' } = parseReference(`registry.example/app:${name}`);
  return { repository, tag, manifest };
}

describe('the end of removals', () => {
  it('comes within six seconds, whatever is under way, and tells each tag', async () => {
    const clock = new FakeClock();
    const removals = new Removals(clock);
    for (const state of ['left', 'underway', 'removed', 'placeholder', 'probe'] as const)
      removals.mark(tagOf(state), state);
    void removals.during(endless);
    const began = clock.now();
    assert.deepEqual(await removals.cancel(), [
      'registry.example/app:left was not touched',
      'registry.example/app:underway was being removed, and may or may not exist',
      'registry.example/app:removed was removed',
      `registry.example/app:placeholder holds an empty placeholder, or may still get one, not ${manifest.digest}. Set it again: \`crane tag registry.example/app@${manifest.digest} placeholder\`.`,
      'registry.example/app:probe is a throw-away tag of this step, and may still exist. Remove it.',
    ]);
    assert.ok(clock.now() - began <= 6000);
  });

  it('does not wait when nothing is under way', async () => {
    const clock = new FakeClock();
    const removals = new Removals(clock);
    assert.deepEqual(await removals.cancel(), []);
    assert.deepEqual(clock.slept, []);
  });

  it('ends reads at once, and writes a little later', async () => {
    const clock = new FakeClock();
    const removals = new Removals(clock);
    const stopped = { class: 'ActionError', code: 'STOPPED' };
    const [read, write] = [removals.reading(endless()), removals.writing(endless())];
    await removals.cancel();
    assert.deepEqual([await outcomeOf(read), await outcomeOf(write)], [stopped, stopped]);
    assert.deepEqual(clock.slept, [2500]);
    assert.throws(() => removals.checkGoingOn(), { code: 'STOPPED' });
  });
});
