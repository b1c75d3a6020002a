import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReference } from '../../../../src/oci/reference.ts';
import { Removals } from '../../../../src/registry/untag/removals.ts';
import type { StagingTag } from '../../../../src/registry/untag/staging-tag.ts';
import { makeImage } from '../../../support/images/images.ts';
import { manifestOf } from '../../../support/rigs/memory-registry.ts';

const manifest = manifestOf(makeImage('linux/amd64'));

function tagOf(name: string): StagingTag {
  const { repository, tag = '' } = parseReference(`registry.example/app:${name}`);
  return { repository, tag, manifest };
}

test('removals tell the state of each tag', () => {
  const removals = new Removals();
  for (const state of ['left', 'underway', 'removed', 'placeholder', 'probe'] as const)
    removals.mark(tagOf(state), state);
  assert.deepEqual(removals.lines, [
    'registry.example/app:left was not touched',
    'registry.example/app:underway was being removed, and may or may not exist',
    'registry.example/app:removed was removed',
    `registry.example/app:placeholder holds an empty placeholder, or may still get one, not ${manifest.digest}. Set it again: \`crane tag registry.example/app@${manifest.digest} placeholder\`.`,
    'registry.example/app:probe is a throw-away tag of this step, and may still exist. Remove it.',
  ]);
});
