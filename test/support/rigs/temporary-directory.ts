/** Directories for tests that need links, or files outside of a run. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Makes a directory, which is removed when the test ends; returns its real path. */
export function temporaryDirectory(test: TestContext): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'test-')));
  test.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}
