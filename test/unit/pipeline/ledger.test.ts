import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../src/oci/digest.ts';
import { TagLedger } from '../../../src/pipeline/ledger.ts';
import type { PushedTag } from '../../../src/pipeline/tag.ts';
import { MemoryRegistry } from '../../support/rigs/memory-registry.ts';
import {
  before,
  contextOf,
  foreign,
  home,
  ledgerOf,
  published,
  target,
} from '../../support/rigs/push-rig.ts';
import { answer, outcomeOf } from '../../support/rigs/wire-rig.ts';

const old = before.digest as Digest;
const ours = published.digest;
const theirs = foreign.digest as Digest;
const latest = target('latest');

function registryHolding(): MemoryRegistry {
  const registry = new MemoryRegistry();
  registry.hold(home, before, 'latest');
  registry.hold(home, foreign);
  return registry;
}

test('ledger: a denied read makes a tag unknown; any other failure is thrown to the stage that asks', async () => {
  const outcomes: unknown[] = [];
  for (const status of [200, 403, 404, 400, 503]) {
    const registry = registryHolding();
    if (status !== 200) registry.trouble((request) => answer(status, { url: request.url.href }));
    const outcome = await outcomeOf(new TagLedger([latest], 'one', contextOf(registry)).of(latest));
    outcomes.push(typeof outcome === 'object' ? outcome.code : outcome);
  }
  assert.deepEqual(outcomes, [old, 'unknown', undefined, 'unknown', 'UNAVAILABLE']);
});

test('ledger: readings are old after 5 seconds, and new when they are read again', async () => {
  const registry = registryHolding();
  const ledger = await ledgerOf([latest], contextOf(registry));
  await registry.clock.sleep(4_999);
  assert.equal(ledger.isOld, false);
  await registry.clock.sleep(1);
  assert.equal(ledger.isOld, true);
  ledger.reread([latest]);
  assert.deepEqual([ledger.isOld, await ledger.of(latest)], [false, old]);
  assert.equal(registry.requests.length, 2);
});

test('ledger: the last reading beside the content before the run', async () => {
  const registry = registryHolding();
  const ledger = await ledgerOf([latest], contextOf(registry));
  ledger.reread([latest]);
  assert.equal(await ledger.hasChanged(latest), false);
  registry.setTag(home, 'latest', theirs);
  ledger.reread([latest]);
  assert.equal(await ledger.hasChanged(latest), true);
  assert.deepEqual([await ledger.start.of(latest), await ledger.of(latest)], [old, theirs]);
});

test('ledger: a tag goes back to what it held before the run, or to what another job has set since', async () => {
  const registry = registryHolding();
  const ledger = await ledgerOf([latest], contextOf(registry));
  registry.setTag(home, 'latest', theirs);
  ledger.set(latest, theirs, 'moved');
  ledger.reread([latest]);
  assert.equal(await ledger.restorable(latest), old);
  ledger.set(latest, ours, 'moved');
  assert.equal(await ledger.restorable(latest), theirs);
});

test('ledger: after several rounds, a tag is reported with what it held before the run', async () => {
  const context = contextOf(registryHolding());
  const pushed = (tag: string): PushedTag => {
    return { ...target(tag), wanted: ours, previous: theirs, state: 'moved', proof: 'digest' };
  };
  const reported = async (rounds: 'one' | 'several', tag: string) => {
    const { state, previous } = await new TagLedger([latest], rounds, context).reported(pushed(tag));
    return [state, previous];
  };
  assert.deepEqual(await reported('one', 'latest'), ['moved', theirs]);
  assert.deepEqual(await reported('several', 'latest'), ['moved', old]);
  assert.deepEqual(await reported('several', 'new'), ['created', undefined]);
});

test('ledger: the status of a tag is the last that was recorded', () => {
  const ledger = new TagLedger([latest], 'one', contextOf(registryHolding()));
  assert.deepEqual(ledger.status(latest), { state: 'untouched' });
  ledger.set(latest, ours, 'created');
  assert.deepEqual([ledger.status(latest), ledger.own(latest)], [{ state: 'created', held: ours }, ours]);
  ledger.mark(latest, { state: 'restored', held: old });
  assert.deepEqual(ledger.status(latest), { state: 'restored', held: old });
});
