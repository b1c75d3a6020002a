import ts from 'typescript';
import { sourceProgram } from '../support/source-program.ts';

/** The codes that errors of the sources can have, sorted; throws for a code that the types do not tell. */
export function errorCodes(): readonly string[] {
  return [...new Set(new CodeFinder().find())].sort();
}

/** Classes that give themselves their code. */
const ownCodes: ReadonlySet<string> = new Set(['InputError', 'SilentHostError', 'TagChangedError']);

/** Finds, by the compiler's own knowledge, what `new ActionError(code, …)` and its kin are given as code. */
class CodeFinder {
  readonly #sources: readonly ts.SourceFile[];
  readonly #checker: ts.TypeChecker;
  /** Calls by the function called. */
  readonly #calls = new Map<ts.Symbol, ts.CallExpression[]>();

  constructor() {
    const { sources, checker } = sourceProgram();
    this.#sources = sources;
    this.#checker = checker;
  }

  find(): readonly string[] {
    const made: ts.Expression[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) this.#noteCall(node);
      const [code] = ts.isNewExpression(node) || ts.isCallExpression(node) ? (node.arguments ?? []) : [];
      if (code !== undefined && (this.#isError(node) || this.#isLiteralSuper(node))) made.push(code);
      ts.forEachChild(node, visit);
    };
    for (const source of this.#sources) visit(source);
    return made.flatMap((code) => this.#codesOf(code, new Set()));
  }

  #noteCall(call: ts.CallExpression): void {
    const symbol = this.#symbolOf(call.expression);
    if (symbol === undefined) return;
    this.#calls.set(symbol, [...(this.#calls.get(symbol) ?? []), call]);
  }

  // The code of these classes stands in their constructor.
  #isError(node: ts.Node): boolean {
    return ts.isNewExpression(node) && !ownCodes.has(node.expression.getText()) && this.#isActionError(node);
  }

  #isLiteralSuper(node: ts.Node): boolean {
    if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.SuperKeyword) return false;
    const [first] = node.arguments;
    return first !== undefined && ts.isStringLiteral(first) && this.#isActionError(node.expression);
  }

  #isActionError(node: ts.Node): boolean {
    const lineage = (type: ts.Type): boolean =>
      type.isUnion()
        ? type.types.every(lineage)
        : type.symbol?.name === 'ActionError' || (type.getBaseTypes() ?? []).some(lineage);
    return lineage(this.#checker.getTypeAtLocation(node));
  }

  #codesOf(code: ts.Expression, seen: Set<ts.Node>): readonly string[] {
    if (seen.has(code)) return [];
    seen.add(code);
    const type = this.#checker.getTypeAtLocation(code);
    const parts = type.isUnion() ? type.types : [type];
    if (parts.every((part) => part.isStringLiteral()))
      return parts.map((part) => (part as ts.StringLiteralType).value);
    if (ts.isConditionalExpression(code)) {
      return [code.whenTrue, code.whenFalse].flatMap((branch) => this.#codesOf(branch, seen));
    }
    // The code of another error, handed on: it is found where that one is made.
    if (ts.isPropertyAccessExpression(code) && this.#isActionError(code.expression)) return [];
    return this.#declaredCodes(code, seen);
  }

  #declaredCodes(code: ts.Expression, seen: Set<ts.Node>): readonly string[] {
    const declaration = this.#symbolOf(code)?.valueDeclaration;
    // `const { code } = error`, handed on as above.
    if (declaration !== undefined && ts.isBindingElement(declaration)) {
      const { initializer } = declaration.parent.parent as ts.VariableDeclaration;
      if (initializer !== undefined && this.#isActionError(initializer)) return [];
    }
    if (declaration !== undefined && ts.isVariableDeclaration(declaration) && declaration.initializer) {
      return this.#codesOf(declaration.initializer, seen);
    }
    if (declaration !== undefined && ts.isParameter(declaration)) {
      const { parent } = declaration;
      const at = parent.parameters.indexOf(declaration);
      const calls = this.#calls.get(this.#symbolOf(parent.name) as ts.Symbol) ?? [];
      const given = calls.flatMap((call) => call.arguments[at] ?? []);
      if (given.length > 0) return given.flatMap((argument) => this.#codesOf(argument, seen));
    }
    const { line } = ts.getLineAndCharacterOfPosition(code.getSourceFile(), code.getStart());
    throw new Error(`${code.getSourceFile().fileName}:${line + 1}: which code is ${code.getText()}?`);
  }

  #symbolOf(node: ts.Node | undefined): ts.Symbol | undefined {
    const symbol = node === undefined ? undefined : this.#checker.getSymbolAtLocation(node);
    const isAlias = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    return isAlias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }
}
