/** Which sources a run really loads, by what V8 saw of them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface LoadedSources {
  /** For the run's environment. */
  readonly env: { readonly NODE_V8_COVERAGE: string };
  /** Whether a module was loaded whose path matches, from its own file or as part of a bundle. */
  include(path: RegExp): boolean;
}

/** Watches the runs that get its environment. */
export function loadedSources(context: TestContext): LoadedSources {
  const directory = mkdtempSync(join(tmpdir(), 'loaded-sources-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return {
    env: { NODE_V8_COVERAGE: directory },
    include: (path) =>
      filesIn(directory).some((file) => path.test(file) || (isBundled(file) && path.test(read(file)))),
  };
}

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

function filesIn(directory: string): string[] {
  const reports = readdirSync(directory).map((name) => JSON.parse(read(join(directory, name))) as Coverage);
  const urls = reports.flatMap(({ result }) => result.map(({ url }) => url));
  return urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
}

/** A bundle names its modules in comments. */
function isBundled(file: string): boolean {
  return file.includes('/dist/');
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}
