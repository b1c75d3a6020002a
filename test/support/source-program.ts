import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The files of src, with what the compiler knows about them. */
export interface SourceProgram {
  readonly sources: readonly ts.SourceFile[];
  readonly checker: ts.TypeChecker;
}

let made: SourceProgram | undefined;

/** The program of src, which is made once for all tests of a process. */
export function sourceProgram(): SourceProgram {
  made ??= makeProgram();
  return made;
}

function makeProgram(): SourceProgram {
  const files = globSync('src/**/*.ts', { cwd: root }).map((file) => `${root}${file}`);
  const options = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config.compilerOptions;
  const program = ts.createProgram(files, ts.convertCompilerOptionsFromJson(options, root).options);
  const sources = program.getSourceFiles().filter(({ fileName }) => files.includes(fileName));
  return { sources, checker: program.getTypeChecker() };
}
