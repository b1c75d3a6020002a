import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TagLedger } from '../../../../src/pipeline/ledger.ts';
import { untouchedTags } from '../../../../src/pipeline/tags/dry-run.ts';
import { MemoryRegistry } from '../../../support/rigs/memory-registry.ts';
import { before, contextOf, home, listOf, published, target } from '../../../support/rigs/push-rig.ts';
import { answer, Told } from '../../../support/rigs/wire-rig.ts';

const tags = ['latest', 'new'].map(target);
const list = listOf(published, tags);

test('a dry run reports what each tag holds, and writes nothing', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, before, 'latest');
  const told = new Told();
  const ledger = new TagLedger(tags, 'one', contextOf(registry));
  const untouched = await untouchedTags(list, ledger, { observer: told });
  assert.deepEqual(
    untouched.map(({ tag, previous, state }) => [tag, previous, state]),
    [
      ['latest', before.digest, 'dry-run'],
      ['new', undefined, 'dry-run'],
    ],
  );
  assert.deepEqual(registry.writes, []);
});

test('a dry run that cannot read a tag fails', async () => {
  const registry = new MemoryRegistry();
  registry.trouble((request) => answer(503, { url: request.url.href }));
  const ledger = new TagLedger(tags, 'one', contextOf(registry));
  const untouched = untouchedTags(list, ledger, { observer: new Told() });
  await assert.rejects(untouched, { code: 'UNAVAILABLE' });
});
