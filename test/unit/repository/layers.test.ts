import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { allowedRooms, layers, pureModules, reservedPackages } from '../../../.github/layers.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = globSync('src/**/*.ts', { cwd: root }).toSorted();

/** Everything a file imports, types and `import()` included; paths of ours from the project's folder. */
function importsOf(file: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(`${root}${file}`, 'utf8'), true, true);
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith('.') ? posix.join(dirname(file), fileName) : fileName,
  );
}

for (const { room, pure = false } of layers) {
  const own = files.filter((file) => dirname(file) === room);

  test(`${room} imports only what stands below it`, () => {
    // Nothing imports an entry.
    const allowed = allowedRooms(room).filter((other) => other !== 'src');
    const wrong = own.flatMap((file) =>
      importsOf(file)
        .filter((name) => name.endsWith('.ts') && !allowed.includes(dirname(name)))
        .map((name) => `${file} imports ${name}`),
    );
    assert.deepEqual(wrong, []);
  });

  test(`${room} leaves to others the packages that are theirs`, () => {
    const reserved = new Set(Object.keys(reservedPackages(room)));
    const wrong = own.flatMap((file) => importsOf(file).filter((name) => reserved.has(name)));
    assert.deepEqual(wrong, []);
  });

  if (pure)
    test(`${room} is pure`, () => {
      const outside = own.flatMap(importsOf).filter((name) => !name.startsWith('src/'));
      assert.deepEqual(
        outside.filter((name) => !pureModules.includes(name)),
        [],
      );
    });

  test(`${room} holds at most 16 files`, () => assert.ok(own.length <= 16, `${own.length} files`));
}

test('every folder of src is a room of the table', () => {
  const rooms = new Set<string>(layers.map(({ room }) => room));
  assert.deepEqual(
    [...new Set(files.map(dirname))].filter((folder) => !rooms.has(folder)),
    [],
  );
});

test('no import of src leads in a circle, types included', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (done.has(file) || way.includes(file)) return;
    for (const name of importsOf(file)) if (name.startsWith('src/')) visit(name, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(circles, []);
});

test('no file of src has more than 300 lines', () => {
  const long = files.filter((file) => readFileSync(`${root}${file}`, 'utf8').split('\n').length > 301);
  assert.deepEqual(long, []);
});

test('the linter refuses impure globals in the rooms that are pure', () => {
  const { overrides } = JSON.parse(readFileSync(`${root}biome.json`, 'utf8')) as {
    readonly overrides: readonly { readonly includes: readonly string[]; readonly linter: unknown }[];
  };
  const [found] = overrides.filter(({ linter }) => JSON.stringify(linter).includes('noRestrictedGlobals'));
  const pure = layers.filter((layer) => layer.pure === true);
  assert.deepEqual(
    found?.includes,
    pure.map(({ room }) => `${room}/**`),
  );
});
