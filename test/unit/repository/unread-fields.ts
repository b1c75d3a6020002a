import ts from 'typescript';
import type { SourceProgram } from '../../support/source-program.ts';

type Field =
  | ts.PropertySignature
  | ts.PropertyDeclaration
  | ts.MethodSignature
  | ts.MethodDeclaration
  | ts.GetAccessorDeclaration;

/** The types of the values that a field is read from, by the name of the field. */
type Reads = ReadonlyMap<string, ReadonlySet<ts.Type>>;

/**
 * The fields and methods that interfaces, types and classes declare and no expression reads, such as `Digest.bytes`.
 * A field is read if it is read from its own type, or from one that its own type can be assigned to.
 */
export function unreadFields({ sources, checker }: SourceProgram): readonly string[] {
  const reads = readsIn(sources, checker);
  return sources.flatMap((source) => {
    const unread = fieldsIn(source).filter((field) => !isRead(field, reads, checker));
    return unread.map((field) => `${ownerOf(field)}.${textOf(field.name)}`);
  });
}

function isRead(field: Field, reads: Reads, checker: ts.TypeChecker): boolean {
  const name = textOf(field.name);
  const owner = checker.getTypeAtLocation(field.parent);
  return [...(reads.get(name) ?? [])].some((type) => {
    const read = checker.getNonNullableType(type);
    return (read.isUnion() ? read.types : [read]).some(
      (each) =>
        checker.getPropertyOfType(each, name)?.declarations?.includes(field) ||
        checker.isTypeAssignableTo(owner, each),
    );
  });
}

function fieldsIn(source: ts.SourceFile): readonly Field[] {
  return nodesIn(source).filter((node) => isField(node) && ownerOf(node) !== undefined) as Field[];
}

function isField(node: ts.Node): node is Field {
  return (
    ts.isPropertySignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isGetAccessor(node) ||
    ts.isMethodDeclaration(node)
  );
}

/** The declaration that a field belongs to; undefined for types inside expressions, and for private and computed names. */
function ownerOf({ name, parent }: Field): string | undefined {
  if (!ts.isIdentifier(name) && !ts.isStringLiteral(name)) return undefined;
  let owner: ts.Node = parent;
  while (ts.isTypeLiteralNode(owner) || ts.isUnionTypeNode(owner) || ts.isIntersectionTypeNode(owner))
    owner = owner.parent;
  if (ts.isInterfaceDeclaration(owner) || ts.isTypeAliasDeclaration(owner)) return owner.name.text;
  return ts.isClassDeclaration(owner) ? owner.name?.text : undefined;
}

function readsIn(sources: readonly ts.SourceFile[], checker: ts.TypeChecker): Reads {
  const reads = new Map<string, Set<ts.Type>>();
  for (const [name, from] of sources.flatMap(nodesIn).flatMap((node) => readOf(node, checker))) {
    const types = reads.get(name) ?? new Set();
    reads.set(name, types.add(checker.getTypeAtLocation(from)));
  }
  return reads;
}

type Read = readonly [name: string, from: ts.Node];

/** What a node reads: the name, and the expression or pattern that it is read from. A spread reads all names. */
function readOf(node: ts.Node, checker: ts.TypeChecker): readonly Read[] {
  if (ts.isPropertyAccessExpression(node)) return isAssigned(node) ? [] : [[node.name.text, node.expression]];
  if (ts.isElementAccessExpression(node) && ts.isStringLiteral(node.argumentExpression))
    return [[node.argumentExpression.text, node.expression]];
  if (ts.isSpreadAssignment(node))
    return namesOf(node.expression, checker).map((name) => [name, node.expression]);
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && !node.dotDotDotToken)
    return [[textOf(node.propertyName ?? node.name), node.parent]];
  const isIn = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword;
  return isIn && ts.isStringLiteral(node.left) ? [[node.left.text, node.right]] : [];
}

function namesOf(value: ts.Expression, checker: ts.TypeChecker): readonly string[] {
  return checker
    .getTypeAtLocation(value)
    .getApparentProperties()
    .map(({ name }) => name);
}

function isAssigned(node: ts.Expression): boolean {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) &&
    parent.left === node &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}

function nodesIn(source: ts.SourceFile): readonly ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return nodes;
}

function textOf(name: ts.Node): string {
  return ts.isStringLiteral(name) ? name.text : name.getText();
}
