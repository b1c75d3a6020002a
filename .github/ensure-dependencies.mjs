// Installs what package-lock.json names when node_modules is missing or differs from it; silent when all is there.
// Runs on the host's own Node (20 or later), before any dependency exists.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (!installed()) install();

/** npm leaves a copy of the lock file it installed from; packages for other platforms are missing there by right. */
function installed() {
  const wanted = packages('package-lock.json');
  const present = packages('node_modules/.package-lock.json');
  if (present === undefined) return false;
  return (
    Object.entries(wanted ?? {}).every(
      ([path, { version, optional }]) =>
        path === '' || optional === true || present[path]?.version === version,
    ) && existsSync(join(root, 'node_modules', '.bin', 'node'))
  );
}

function packages(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}

function install() {
  console.log('installing dependencies (npm ci)');
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync('npm', options, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
