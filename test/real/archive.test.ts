/** The archive of the repository, which is what a runner downloads: the three actions run from it. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeImage } from '../support/images/images.ts';
import { type ActionName, inputVariables } from '../support/run/action-definition.ts';
import { nodeProgram } from '../support/run/process-run.ts';
import { scenario } from '../support/run/scenario.ts';
import { skipWithout } from '../support/wire/programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Bytes of the compressed archive: licences, documentation of the actions, and dist. */
const maxSize = 650_000;

function downloadTo(folder: string): string {
  const archive = join(folder, 'archive.tar.gz');
  const git = ['-c', 'safe.directory=*', 'archive', '--worktree-attributes', '--format=tar.gz'];
  execFileSync('git', [...git, '--output', archive, 'HEAD'], { cwd: root });
  const action = join(folder, 'action');
  mkdirSync(action);
  execFileSync('tar', ['-xzf', archive, '-C', action]);
  return action;
}

async function runStep(action: string, name: ActionName, inputs: Readonly<Record<string, string>>) {
  const output = join(action, `${name}.output`);
  writeFileSync(output, '');
  const entry = join(action, 'dist', name, 'index.js');
  const env = {
    ...inputVariables(name, inputs),
    GITHUB_OUTPUT: output,
    HOME: action,
    INPUT_SUMMARY: 'false',
  };
  const child = spawn(nodeProgram(), [entry], { cwd: action, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [log, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { exitCode: exitCode as number | null, log, outputs: readFileSync(output, 'utf8') };
}

scenario(
  'the archive that a runner downloads holds what the three actions need, and nothing else of size',
  { skip: skipWithout('git', 'tar') },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'archive-'));
    t.test.after(() => rmSync(folder, { recursive: true }));
    const action = downloadTo(folder);
    assert.ok(statSync(join(folder, 'archive.tar.gz')).size <= maxSize);
    assert.deepEqual(
      readdirSync(action).filter((name) => !name.endsWith('.md') && !name.endsWith('.yml')),
      ['LICENSE', 'dist', 'inspect', 'package.json', 'purge', 'spec.schema.json'],
    );
    await t.push('app:1-amd64', makeImage('linux/amd64'));
    const [tags, sources] = [t.ref('app:1'), t.ref('app:1-amd64')];
    const published = await runStep(action, 'publish', { tags, sources });
    assert.match(published.outputs, /published[^\n]*\ntrue/, published.log);
    const inspected = await runStep(action, 'inspect', { image: tags, 'expect-platforms': 'linux/amd64' });
    assert.equal(inspected.exitCode, 0, inspected.log);
    const purged = await runStep(action, 'purge', { tags: sources, 'dry-run': 'true' });
    assert.equal(purged.exitCode, 0, purged.log);
  },
);
