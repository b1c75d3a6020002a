import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

test('every package has its integrity in the lock file', () => {
  const lacking = packages.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''));
  assert.deepEqual(
    lacking.map(([path]) => path),
    [],
  );
});

// Without an address a package comes from the registry that is configured, which may be a mirror; its integrity tells.
test('no package comes from anywhere but the registry of npm', () => {
  const strange = packages.filter(
    ([, { resolved }]) => !/^(?:https:\/\/registry\.npmjs\.org\/.*)?$/.test(resolved ?? ''),
  );
  const found = strange.map(([path]) => path);
  assert.deepEqual(found, []);
});
