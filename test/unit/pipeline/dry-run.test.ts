import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untouchedTags } from '../../../src/pipeline/dry-run.ts';
import { previousHeads } from '../../../src/pipeline/push.ts';
import { clientOf, MemoryRegistry } from '../registry/memory-registry.ts';
import { answer } from '../registry/wire-rig.ts';
import { before, home, target } from './push-rig.ts';

const tags = ['latest', 'new'].map(target);

test('a dry run tells what each tag holds, and writes nothing', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, before, 'latest');
  const untouched = await untouchedTags(tags, previousHeads(clientOf(registry), tags));
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
  const untouched = untouchedTags(tags, previousHeads(clientOf(registry), tags));
  await assert.rejects(untouched, { code: 'UNAVAILABLE' });
});
