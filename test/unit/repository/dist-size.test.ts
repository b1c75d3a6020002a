import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../../dist', import.meta.url));

/** Every job downloads all of dist, and every start reads an entry. */
const maxEntryBytes = 2_000_000;
const maxBytes = 3_500_000;

function bytesIn(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .reduce((sum, each) => sum + statSync(join(each.parentPath, each.name)).size, 0);
}

for (const entry of readdirSync(dist)) {
  test(`dist/${entry} has at most ${maxEntryBytes} bytes`, (t) => {
    const bytes = bytesIn(join(dist, entry));
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes <= maxEntryBytes, `${bytes} bytes`);
  });
}

test(`dist has at most ${maxBytes} bytes`, () => {
  const bytes = bytesIn(dist);
  assert.ok(bytes <= maxBytes, `${bytes} bytes`);
});
