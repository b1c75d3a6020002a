import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileNamed, profiles } from '../../../bench/hosts/profiles.ts';

test('every profile is found by its name, and another name is told which ones there are', () => {
  for (const name of Object.keys(profiles)) assert.equal(profileNamed(name), name);
  assert.throws(() => profileNamed('quay'), /^Error: quay: not a profile\. Choose from plain, bearer,/);
});
