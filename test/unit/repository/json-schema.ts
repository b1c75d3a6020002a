/** As much of JSON Schema (draft-07) as spec.schema.json uses; another keyword is an Error. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
}

type Check = (schema: Schema, value: unknown, root: Schema) => boolean;

const checks: Readonly<Record<string, Check>> = {
  $schema: () => true,
  title: () => true,
  description: () => true,
  definitions: () => true,
  $ref: ({ $ref = '' }, value, root) => accepts(resolve(root, $ref), value, root),
  type: ({ type = [] }, value) => [type].flat().includes(typeOf(value)),
  enum: (schema, value) => (schema.enum ?? []).includes(value),
  allOf: ({ allOf = [] }, value, root) => allOf.every((each) => accepts(each, value, root)),
  anyOf: ({ anyOf = [] }, value, root) => anyOf.some((each) => accepts(each, value, root)),
  required: ({ required = [] }, value) =>
    required.every((key) => !isObject(value) || Object.hasOwn(value, key)),
  properties: ({ properties = {} }, value, root) =>
    entriesOf(value).every(([key, each]) => {
      const schema = properties[key];
      return schema === undefined || accepts(schema, each, root);
    }),
  additionalProperties: ({ additionalProperties = true, properties = {} }, value, root) =>
    entriesOf(value)
      .filter(([key]) => !Object.hasOwn(properties, key))
      .every(([, each]) =>
        typeof additionalProperties === 'boolean'
          ? additionalProperties
          : accepts(additionalProperties, each, root),
      ),
  items: ({ items = {} }, value, root) =>
    !Array.isArray(value) || value.every((each) => accepts(items, each, root)),
  minItems: ({ minItems = 0 }, value) => !Array.isArray(value) || value.length >= minItems,
  maxItems: ({ maxItems = Infinity }, value) => !Array.isArray(value) || value.length <= maxItems,
  minLength: ({ minLength = 0 }, value) => typeof value !== 'string' || value.length >= minLength,
};

/** Returns true if the schema accepts the value. */
export function accepts(schema: Schema, value: unknown, root: Schema): boolean {
  return Object.keys(schema).every((keyword) => {
    const check = checks[keyword];
    if (check === undefined) throw new Error(`the keyword ${keyword} is not implemented here`);
    return check(schema, value, root);
  });
}

function resolve(root: Schema, reference: string): Schema {
  const path = reference.replace(/^#\//, '').split('/');
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], root) as Schema;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeOf(value) === 'object';
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}
