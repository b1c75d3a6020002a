import { registerHooks } from 'node:module';
import type { TemplateContext } from '@actions/workflow-parser/templates/template-context';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';

// The package imports its schemas without the attribute that Node requires.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});

const {
  convertWorkflowTemplate,
  isBasicExpression,
  isMapping,
  isSequence,
  NoOperationTraceWriter,
  parseWorkflow,
} = await import('@actions/workflow-parser');
const { parseAction } = await import('@actions/workflow-parser/actions/action-parser');

/** A value of a workflow; texts with `${{ }}` in them are one expression each. */
export type Value = string | number | boolean | null | Expression | readonly Value[] | Mapping;

/** The keys of a part of a workflow. */
export interface Mapping {
  readonly [key: string]: Value;
}

/** An expression without its marks; `a ${{ b }}` is `format('a {0}', b)`. */
export class Expression {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The result of GitHub's own parser. */
export interface ParsedFile {
  /** The errors of the parser, with lines; empty for a valid file. */
  readonly problems: readonly string[];
  readonly document: Value;
}

/** Reads a workflow as GitHub does: its YAML, its keys, the names that expressions may use, `needs`. */
export async function readWorkflow(name: string, content: string): Promise<ParsedFile> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return parsedFile(context, value);
}

/** Reads an action.yml as GitHub does. */
export function readAction(name: string, content: string): ParsedFile {
  const { context, value } = parseAction({ name, content }, new NoOperationTraceWriter());
  return parsedFile(context, value);
}

/** The keys of a value; none unless it is a mapping. */
export function mappingOf(value: Value | undefined): Mapping {
  const isPlain = typeof value === 'object' && !Array.isArray(value) && !(value instanceof Expression);
  return isPlain ? ((value ?? {}) as Mapping) : {};
}

/** A value as a list: its items, itself, or nothing. */
export function listOf(value: Value | undefined): readonly Value[] {
  return value === undefined || value === null ? [] : ([value].flat() as readonly Value[]);
}

function parsedFile(context: TemplateContext, token: TemplateToken | undefined): ParsedFile {
  const problems = context.errors.getErrors().map(({ message }) => message);
  return { problems, document: token === undefined ? null : readValue(token) };
}

function readValue(token: TemplateToken): Value {
  if (isBasicExpression(token)) return new Expression(token.expression);
  if (isSequence(token)) return Array.from({ length: token.count }, (_, at) => readValue(token.get(at)));
  if (!isMapping(token)) return token.toJSON() as Value;
  return Object.fromEntries(Array.from(token, ({ key, value }) => [key.toString(), readValue(value)]));
}
