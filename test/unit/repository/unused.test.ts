/** Nothing is exported, and nothing installed, that nobody uses. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { sourceProgram } from '../../support/source-program.ts';
import { unreadFields } from './unread-fields.ts';
import { unreadOnPurpose, usedByTestsOnly } from './used-by-tests-only.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = globSync(['src/**/*.ts', 'test/**/*.{ts,mjs}', 'bench/**/*.ts', '.github/**/*.mjs'], {
  cwd: root,
});
const sources = new Map(
  files.map((file) => [
    file,
    ts.createSourceFile(file, readFileSync(`${root}${file}`, 'utf8'), ts.ScriptTarget.Latest, true),
  ]),
);

/** A name of a module: `src/oci/digest.ts parseDigest`; `*` is all of its names. */
function nameOf(file: string, specifier: string, name: string): string {
  return `${posix.join(dirname(file), specifier)} ${name}`;
}

/** The names that a file exports. */
function exportsOf(file: ts.SourceFile): readonly string[] {
  return file.statements.flatMap((statement) => {
    if (!ts.canHaveModifiers(statement)) return [];
    const isExported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (isExported !== true) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText(file));
    return 'name' in statement ? [(statement.name as ts.Identifier).text] : [];
  });
}

/** The names that a file imports from others of the project. */
function importsOf(file: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = moduleOf(node);
    if (specifier?.startsWith('.'))
      found.push(...namesIn(node).map((name) => nameOf(file.fileName, specifier, name)));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The module that a declaration, an `import()` or an import type names. */
function moduleOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node)) return (node.moduleSpecifier as ts.StringLiteral).text;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return (node.argument.literal as ts.StringLiteral).text;
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return undefined;
  const [argument] = node.arguments;
  return argument !== undefined && ts.isStringLiteral(argument) ? argument.text : undefined;
}

function namesIn(node: ts.Node): readonly string[] {
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return ['*'];
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

const used = (folder: string): ReadonlySet<string> =>
  new Set([...sources].flatMap(([file, source]) => (file.startsWith(folder) ? importsOf(source) : [])));
const [bySrc, byTests] = [used('src/'), new Set([...used('test/'), ...used('bench/')])];
const isUsed = (by: ReadonlySet<string>, name: string): boolean =>
  by.has(name) || by.has(`${name.split(' ')[0]} *`);

const exported = [...sources].flatMap(([file, source]) =>
  file.startsWith('src/') ? exportsOf(source).map((name) => `${file} ${name}`) : [],
);

test('every export of src is imported by another file of src, or named as one for tests', () => {
  const unused = exported.filter((name) => !isUsed(bySrc, name) && !(name in usedByTestsOnly));
  assert.deepEqual(unused, []);
});

test('what is named as an export for tests is one, and tests import it', () => {
  const wrong = Object.keys(usedByTestsOnly).filter(
    (name) => !exported.includes(name) || isUsed(bySrc, name) || !isUsed(byTests, name),
  );
  assert.deepEqual(wrong, []);
});

test('every field of a type of src is read by src, or stands in the list of exceptions', () => {
  assert.deepEqual(unreadFields(sourceProgram()).toSorted(), Object.keys(unreadOnPurpose).toSorted());
});

/** The packages that files import. */
function packagesOf(pattern: RegExp): ReadonlySet<string> {
  const names = [...sources].flatMap(([file, source]) =>
    pattern.test(file) ? ts.preProcessFile(source.text, true, true).importedFiles : [],
  );
  return new Set(
    names.map(({ fileName }) =>
      fileName
        .split('/')
        .slice(0, fileName.startsWith('@') ? 2 : 1)
        .join('/'),
    ),
  );
}

const { dependencies, devDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Record<
  'dependencies' | 'devDependencies',
  Readonly<Record<string, string>>
>;

test('every dependency is imported by src', () => {
  const imported = packagesOf(/^src\//);
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !imported.has(name)),
    [],
  );
});

/** Packages that are programs or types, each with where it is used. */
const programs: Readonly<Record<string, string>> = {
  '@biomejs/biome': 'npm run lint',
  '@types/node': 'npm run typecheck',
  '@types/semver': 'npm run typecheck',
  '@vercel/ncc': '.github/build.mjs',
  node: 'npm run, which finds it on PATH',
};

test('every development dependency is imported by a test or a script, or is a program', () => {
  const imported = packagesOf(/^(?:test|bench|\.github)\//);
  assert.deepEqual(
    Object.keys(devDependencies).filter((name) => !imported.has(name) && !(name in programs)),
    [],
  );
});
