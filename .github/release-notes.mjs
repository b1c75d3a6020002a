// Prints the notes of the release that package.json names, from CHANGELOG.md; with --version only its version.
// Fails unless the newest heading of CHANGELOG.md is this version with a date.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [, newest = ''] = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').split(/^## /m);
const [heading = ''] = newest.split('\n', 1);

if (!heading.startsWith(`${version} (`) || !/ \(\d{4}-\d{2}-\d{2}\)$/.test(heading)) {
  console.error(`CHANGELOG.md begins with "${heading}", not with "${version} (date)".`);
  process.exit(1);
}
console.log(process.argv.includes('--version') ? version : newest.slice(heading.length).trim());
