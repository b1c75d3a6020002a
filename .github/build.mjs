// Builds dist/ from the entries (src/*.ts): `npm run build`. The actions share one bundle, dist/shared/; dist/<entry>/
// is the entry itself and imports from the bundle; entries therefore have no types, and one line for each import. The
// same sources and lock file give the same bytes in every directory.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBundled, writePackages } from './bundle/stand-ins.mjs';
import { licensesOf, moduleNames } from './licenses.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ncc = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js');

// Not minified. Minifiers drop the parentheses around the modules' functions, by which V8 knows to compile them at once,
// so their code starts no faster; with the parentheses put back and names kept, esbuild saves 1 or 2 % of the processor's
// time at a start, and a stack trace that a user reports is one long line.
const statistics = join(root, '.cache', 'stats.json');
const options = ['--no-cache', '--quiet', '--target', 'es2024', '--stats-out', statistics];

// Only the bundler's search for modules reads this variable; the compiler keeps to tsconfig.json.
const environment = { ...process.env, TS_NODE_PROJECT: join(root, '.github', 'bundle', 'tsconfig.json') };

/** The package.json that ncc writes next to a bundle. */
const moduleType = `${JSON.stringify({ type: 'module' }, null, 2)}\n`;

writePackages(root, join(root, '.cache', 'packages'));
const fresh = join(root, '.cache', 'dist');
rmSync(fresh, { recursive: true, force: true });
const entries = readdirSync(join(root, 'src')).filter((name) => name.endsWith('.ts'));
bundle(sharedModule(entries.map(readEntry)));
for (const name of entries) writeEntry(basename(name, '.ts'), readEntry(name));
rmSync(join(root, 'dist'), { recursive: true, force: true });
renameSync(fresh, join(root, 'dist'));

function readEntry(name) {
  return readFileSync(join(root, 'src', name), 'utf8');
}

/** A module that exports everything that the entries import. */
function sharedModule(texts) {
  const imports = texts.flatMap((text) => text.match(/^import .* from '\.\/.*$/gm) ?? []);
  const exports = imports.map((line) => line.replace('import', 'export').replace("'./", "'../src/"));
  return [...new Set(exports)].join('\n');
}

function writeEntry(name, text) {
  mkdirSync(join(fresh, name));
  writeFileSync(join(fresh, name, 'package.json'), moduleType);
  const shared = text.replaceAll(/(?<=^import .* from )'\.\/.*'/gm, "'../shared/index.js'");
  if (/'\.\//.test(shared)) throw new Error(`src/${name}.ts: write each import on one line, with from`);
  writeFileSync(join(fresh, name, 'index.js'), shared);
}

function bundle(module) {
  const out = join(fresh, 'shared');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(root, '.cache', 'shared.js'), module);
  const command = [ncc, 'build', join('.cache', 'shared.js'), '--out', out, ...options];
  const { status, error } = spawnSync(process.execPath, command, {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
  for (const file of readdirSync(out).filter((each) => each.endsWith('.js'))) toAscii(join(out, file));
  const stats = JSON.parse(readFileSync(statistics, 'utf8'));
  checkBundled(moduleNames(stats.modules));
  writeFileSync(join(out, 'licenses.txt'), licensesOf(stats, root));
  console.log(`dist: ${(bytesIn(out) / 1e6).toFixed(2)} MB`);
}

/** One character outside Latin-1 makes V8 hold and scan all of a file at two bytes a character: 5 % of a start. */
function toAscii(file) {
  const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/[^\0-\x7f]/g, escaped));
}

function bytesIn(directory) {
  return readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0);
}
