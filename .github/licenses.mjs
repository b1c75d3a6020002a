// The licences of the packages in a bundle, as one text: most of them ask to go wherever their code goes.
// ncc's own --license leaves out what is in the main file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Text for the modules that a bundler's statistics name; packages in the order of their names. */
export function licensesOf(stats, root) {
  const directories = new Set(moduleNames(stats.modules).map(packageDirectory).filter(Boolean));
  return [...directories]
    .map((directory) => entry(join(root, directory)))
    .sort((a, b) => (a.title < b.title ? -1 : 1))
    .map(({ title, text }) => `${title}\n\n${text.trim()}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The names of all modules in a bundler's statistics. */
export function moduleNames(modules = []) {
  return modules.flatMap((module) => [module.name ?? '', ...moduleNames(module.modules)]);
}

function packageDirectory(name) {
  return /(?:^|\/)((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1];
}

function entry(directory) {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find((candidate) => /^licen[cs]e/i.test(candidate));
  const text = file ? readFileSync(join(directory, file), 'utf8') : 'No licence text comes with the package.';
  return { title: `${name} ${version} (${license})`, text: text.replaceAll('\r\n', '\n') };
}
