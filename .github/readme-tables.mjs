// Writes the inputs and outputs tables of the actions' pages from their action.yml: `npm run docs`.
// With --check nothing is written, and the exit code says whether the pages are up to date.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** `<!-- inputs of action.yml: tags, sources -->`, the table, `<!-- end -->`; without names, the table has all of them. */
const marked = /(<!-- (inputs|outputs) of ([\w./]+)(?:: ([\w, -]+))? -->\n)[\s\S]*?(?=<!-- end -->)/g;

for (const page of globSync(['README.md', 'docs/INPUTS.md', '{inspect,purge}/README.md'], { cwd: root })) {
  const path = join(root, page);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(
    marked,
    (_, start, kind, file, names) => `${start}${table(kind, file, names?.split(', '))}\n`,
  );
  if (!process.argv.includes('--check')) writeFileSync(path, after);
  else if (after !== before) {
    console.error(`The tables in ${page} differ from action.yml: run \`npm run docs\`.`);
    process.exitCode = 1;
  }
}

function table(kind, file, names) {
  const all = parse(readFileSync(join(root, file), 'utf8'))[kind] ?? {};
  const entries = (names ?? Object.keys(all)).map((name) => [name, all[name]]);
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
