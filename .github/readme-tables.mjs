// Writes the inputs and outputs tables of README.md from action.yml: `npm run docs`.
// With --check nothing is written, and the exit code says whether README.md is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const readme = join(root, 'README.md');

/** `<!-- inputs of action.yml -->`, the table, `<!-- end -->`. */
const marked = /(<!-- (inputs|outputs) of (\S+) -->\n)[\s\S]*?(?=<!-- end -->)/g;

const before = readFileSync(readme, 'utf8');
const after = before.replace(marked, (_, start, kind, file) => `${start}${table(kind, file)}\n`);

if (!process.argv.includes('--check')) writeFileSync(readme, after);
else if (after !== before) {
  console.error('The tables in README.md differ from action.yml: run `npm run docs`.');
  process.exitCode = 1;
}

function table(kind, file) {
  const entries = Object.entries(parse(readFileSync(join(root, file), 'utf8'))[kind] ?? {});
  const rows = kind === 'inputs' ? entries.map(inputRow) : entries.map(outputRow);
  const heads = kind === 'inputs' ? ['Input', 'Default', 'Meaning'] : ['Output', 'Meaning'];
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function inputRow([name, { description, required, default: value = '' }]) {
  const standard = value === '' ? '' : `\`${value}\``;
  return [`\`${name}\``, required ? '**required**' : standard, cell(description)];
}

function outputRow([name, { description }]) {
  return [`\`${name}\``, cell(description)];
}

function cell(text) {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}
