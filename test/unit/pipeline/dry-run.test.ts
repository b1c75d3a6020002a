import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untouchedTags } from '../../../src/pipeline/dry-run.ts';
import { PreviousTags } from '../../../src/pipeline/previous-tags.ts';
import { MemoryRegistry } from '../../support/rigs/memory-registry.ts';
import { before, contextOf, home, published, target } from '../../support/rigs/push-rig.ts';
import { answer, Told } from '../../support/rigs/wire-rig.ts';

const tags = ['latest', 'new'].map(target);

test('a dry run reports what each tag holds, and writes nothing', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, before, 'latest');
  const told = new Told();
  const previous = new PreviousTags(tags, contextOf(registry));
  const untouched = await untouchedTags(published, tags, previous, { observer: told });
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
  const previous = new PreviousTags(tags, contextOf(registry));
  const untouched = untouchedTags(published, tags, previous, { observer: new Told() });
  await assert.rejects(untouched, { code: 'UNAVAILABLE' });
});
