// Runs a script on Node 24 with its dependencies: `node .github/run.mjs test/run.ts unit`. Installs what package-lock.json
// names when node_modules is missing or differs from it. Runs itself on the host's Node (20 or later).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

if (!installed()) install();
const node = existsSync(own) ? own : process.execPath;
if (node === own || Number.parseInt(process.versions.node, 10) >= 24) run(node, process.argv.slice(2));
else {
  console.error(
    'Node 24 is missing: npm is told to run no install scripts (ignore-scripts). Type: npm rebuild node --ignore-scripts=false',
  );
  process.exitCode = 1;
}

/** npm leaves a copy of the lock file it installed from; packages for other platforms are missing there by right. */
function installed() {
  const wanted = packages('package-lock.json');
  const present = packages('node_modules/.package-lock.json');
  if (present === undefined) return false;
  return Object.entries(wanted ?? {}).every(
    ([path, { version, optional }]) => path === '' || optional === true || present[path]?.version === version,
  );
}

function packages(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}

function install() {
  console.log('installing dependencies (npm ci)');
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', options, { shell: process.platform === 'win32' });
  if (process.exitCode) process.exit();
}

/** The project's programs come first on PATH, as in npm's scripts. */
function run(program, args, options = {}) {
  const PATH = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH };
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env, ...options });
  if (error) throw error;
  process.exitCode = status ?? 1;
}
