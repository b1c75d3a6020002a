/** A directory of one scenario's own, for what the files of a run cannot be: links, and files of other places. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Makes a directory that goes when the test ends; returns its real path. */
export function temporaryDirectory(test: TestContext): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'scenario-')));
  test.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}
