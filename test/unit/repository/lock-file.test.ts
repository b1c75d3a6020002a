import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly link?: boolean;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

/** The linter's programs for other systems, which no machine but theirs installs. */
const foreign = packages.filter(([path, { optional }]) => optional === true && /\/@biomejs\/cli-/.test(path));

test('every package that is installed has its integrity in the lock file', () => {
  const known = new Set(foreign.map(([path]) => path));
  const lacking = packages.filter(
    ([path, { integrity }]) => !known.has(path) && !/^sha512-/.test(integrity ?? ''),
  );
  const found = lacking.map(([path]) => path);
  assert.deepEqual(found, []);
});

// Without an address a package comes from the registry that is configured, which may be a mirror; its integrity tells.
test('no package comes from anywhere but the registry of npm', () => {
  const strange = packages.filter(
    ([, { resolved }]) => !/^(?:https:\/\/registry\.npmjs\.org\/.*)?$/.test(resolved ?? ''),
  );
  const found = strange.map(([path]) => path);
  assert.deepEqual(found, []);
});

test('at most the eight programs of the linter lack it, and CONTRIBUTING says how to complete them', () => {
  const lacking = foreign.filter(([, { integrity }]) => integrity === undefined);
  assert.ok(lacking.length <= 8, `${lacking.length}`);
  if (lacking.length === 0) return;
  const text = readFileSync(`${root}CONTRIBUTING.md`, 'utf8');
  assert.match(text, /package-lock\.json[^.]*integrity|integrity[^.]*package-lock\.json/s);
});
