import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { Expression, type Value } from './parse-workflow.ts';

/** A value without expressions. */
export type Plain = string | number | boolean | null | readonly Plain[] | PlainObject;

/** The properties of a context. */
export interface PlainObject {
  readonly [key: string]: Plain;
}

/** The contexts of an expression, by name: `github`, `needs`, `steps` … */
export type Contexts = Readonly<Record<string, PlainObject>>;

/** Replaces every expression in a value with its result; throws for a property that is not set. */
export function evaluated(value: Value, contexts: Contexts): Plain {
  if (value instanceof Expression) return evaluate(value.text, contexts);
  if (Array.isArray(value)) return value.map((item) => evaluated(item, contexts));
  if (typeof value !== 'object' || value === null) return value as Plain;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, evaluated(item, contexts)]));
}

/** The result of an expression; throws for a property that is not set, for which GitHub returns an empty text. */
export function evaluate(text: string, contexts: Contexts): Plain {
  const { tokens } = new Lexer(text).lex();
  const parsed = new Parser(tokens, Object.keys(contexts), [...functions.values()]).parse();
  const known = Object.entries(contexts).map(([key, value]) => ({ key, value: toData(value, key) }));
  const result = new Evaluator(parsed, new data.Dictionary(...known), functions).evaluate();
  return JSON.parse(JSON.stringify(result, data.replacer)) as Plain;
}

/** The functions that only a running job has. */
const functions = new Map(
  Object.entries({ always: true, success: true, failure: false, cancelled: false }).map(([name, value]) => [
    name,
    { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) },
  ]),
);

/** A context that fails for a property that it does not have. */
class StrictDictionary extends data.Dictionary {
  readonly #path: string;

  constructor(path: string, ...pairs: ConstructorParameters<typeof data.Dictionary>) {
    super(...pairs);
    this.#path = path;
  }

  override get(key: string): data.ExpressionData {
    const value = super.get(key);
    if (value === undefined) throw new Error(`${this.#path}.${key} is nowhere set`);
    return value;
  }
}

function toData(value: Plain, path: string): data.ExpressionData {
  if (value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map((item, at) => toData(item, `${path}[${at}]`)));
  const pairs = Object.entries(value).map(([key, item]) => ({ key, value: toData(item, `${path}.${key}`) }));
  return new StrictDictionary(path, ...pairs);
}
