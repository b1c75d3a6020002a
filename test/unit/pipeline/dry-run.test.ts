import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untouchedTags } from '../../../src/pipeline/dry-run.ts';
import { readPreviousTags } from '../../../src/pipeline/push.ts';
import { clientOf, MemoryRegistry } from '../../support/rigs/memory-registry.ts';
import { before, home, published, target } from '../../support/rigs/push-rig.ts';
import { answer, Told } from '../../support/rigs/wire-rig.ts';

const tags = ['latest', 'new'].map(target);

test('a dry run tells what each tag holds, and writes nothing', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, before, 'latest');
  const told = new Told();
  const previous = readPreviousTags(clientOf(registry), tags);
  const untouched = await untouchedTags(published, tags, { previous, observer: told });
  assert.deepEqual(
    untouched.map(({ tag, previous, state }) => [tag, previous, state]),
    [
      ['latest', before.digest, 'dry-run'],
      ['new', undefined, 'dry-run'],
    ],
  );
  assert.deepEqual(registry.writes, []);
});

test('a dry run that cannot look at a tag says so', async () => {
  const registry = new MemoryRegistry();
  registry.trouble((request) => answer(503, { url: request.url.href }));
  const previous = readPreviousTags(clientOf(registry), tags);
  const untouched = untouchedTags(published, tags, { previous, observer: new Told() });
  await assert.rejects(untouched, { code: 'UNAVAILABLE' });
});
