/** The files that a plain publish loads from dist: every file and every module of Node's costs each start its time. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeImage } from '../support/images/images.ts';
import { usualEntry } from '../support/run/action-definition.ts';
import { scenario } from '../support/run/scenario.ts';

const skip = usualEntry() === 'dist' ? false : 'a count of what dist loads';
const preload = fileURLToPath(new URL('../support/run/count-loads.cjs', import.meta.url));

/** Modules of Node's, with those inside it, that a plain publish loads and an empty program does not. */
const maxBuiltins = 60;
/** Modules that load many others or take milliseconds, and that a plain publish has no need of. */
const unneeded = ['assert', 'child_process', 'http', 'http2', 'https', 'tls', 'vm', 'worker_threads', 'zlib'];

interface Loads {
  /** URLs. */
  readonly files: readonly string[];
  readonly builtins: readonly string[];
}

function readLoads(file: string): Loads {
  return JSON.parse(readFileSync(file, 'utf8')) as Loads;
}

function loadsOfNothing(file: string): Loads {
  const env = { ...process.env, COUNTED_LOADS: file };
  execFileSync(process.execPath, ['--require', preload, '--input-type=module', '--eval', ''], { env });
  return readLoads(file);
}

scenario(
  'a plain publish loads its entry and one bundle, and no more of Node than it needs',
  { skip },
  async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'loads-'));
    t.test.after(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'loads.json');
    await t.push('app:1-amd64', makeImage('linux/amd64'));
    await t.push('app:1-arm64', makeImage('linux/arm64'));
    const run = await t.publish(
      { tags: t.ref('app:1'), sources: `${t.ref('app:1-amd64')}\n${t.ref('app:1-arm64')}` },
      { env: { NODE_OPTIONS: `--require ${preload}`, COUNTED_LOADS: file } },
    );
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    const { files, builtins } = readLoads(file);
    assert.deepEqual(
      files.map((url) => url.split('/').slice(-2).join('/')),
      ['publish/index.js', 'shared/index.js'],
    );
    const usual = loadsOfNothing(file).builtins;
    const added = builtins.filter((name) => !usual.includes(name));
    t.test.diagnostic(`${added.length} modules of Node's`);
    assert.deepEqual(
      added.filter((name) => unneeded.includes(name)),
      [],
    );
    assert.ok(added.length <= maxBuiltins, `${added.length}: ${added.join(' ')}`);
  },
);
