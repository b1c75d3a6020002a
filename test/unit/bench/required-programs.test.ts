import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requirePrograms } from '../../../bench/hosts/registry.ts';

test('a bench says how to install missing programs', () => {
  requirePrograms({ sh: 'dash' });
  assert.throws(() => requirePrograms({ sh: 'dash', 'no-such-registry': 'docker-registry' }), {
    message: 'no-such-registry: not on PATH. Install with: apt-get install docker-registry',
  });
});
