import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../../dist', import.meta.url));

/** Every job downloads all of dist. */
const maxBytes = 2_100_000;

function bytesIn(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .reduce((sum, each) => sum + statSync(join(each.parentPath, each.name)).size, 0);
}

test(`dist has at most ${maxBytes} bytes`, (t) => {
  const bytes = bytesIn(dist);
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes <= maxBytes, `${bytes} bytes`);
});
