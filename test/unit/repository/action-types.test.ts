/** The types of inputs and outputs, in the form of github.com/typesafegithub/github-actions-typing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { readInputs } from '../../../src/actions/input/inputs.ts';
import { InputError } from '../../../src/run/errors.ts';

const root = new URL('../../../', import.meta.url);

interface Typed {
  readonly type: string;
  readonly 'allowed-values'?: readonly string[];
  readonly separator?: string;
  readonly 'list-item'?: Typed;
}

interface Documented {
  readonly default?: unknown;
  readonly description: string;
}

type Kinds<T> = Readonly<Partial<Record<'inputs' | 'outputs', Readonly<Record<string, T>>>>>;

function read<T>(name: string): Kinds<T> {
  return parse(readFileSync(new URL(name, root), 'utf8')) as Kinds<T>;
}

const plain: readonly string[] = ['string', 'boolean', 'integer', 'float'];

/** What is wrong with a type, or undefined. */
function flawOf(typed: Typed): string | undefined {
  const { type, 'allowed-values': values, separator, 'list-item': item, ...others } = typed;
  if (Object.keys(others).length > 0) return `has ${Object.keys(others).join(', ')}`;
  if (plain.includes(type)) return (values ?? separator ?? item) ? 'has too much' : undefined;
  if (type === 'enum') return (values?.length ?? 0) > 1 ? undefined : 'has no values';
  if (type !== 'list' || separator === undefined || item === undefined) return 'is no type';
  return item.type === 'list' ? 'is a list of lists' : flawOf(item);
}

const folders = ['', 'inspect/', 'purge/'].filter((folder) =>
  existsSync(new URL(`${folder}action.yml`, root)),
);

for (const folder of folders) {
  describe(`${folder}action-types.yml`, () => {
    const action = read<Documented>(`${folder}action.yml`);
    const types = read<Typed>(`${folder}action-types.yml`);

    for (const kind of ['inputs', 'outputs'] as const) {
      test(`has the ${kind} of action.yml, in their order`, () => {
        assert.deepEqual(Object.keys(types[kind] ?? {}), Object.keys(action[kind] ?? {}));
        for (const [name, typed] of Object.entries(types[kind] ?? {}))
          assert.equal(flawOf(typed), undefined, name);
      });
    }

    test('agrees with the defaults of the inputs', () => {
      for (const [name, { default: standard = '' }] of Object.entries(action.inputs ?? {})) {
        const typed = types.inputs?.[name];
        assert.equal(typed?.type === 'boolean', ['true', 'false'].includes(String(standard)), name);
        if (typed?.type === 'enum') assert.equal(typed['allowed-values']?.[0], standard, name);
      }
    });

    test('names the values that the descriptions name', () => {
      for (const [name, typed] of Object.entries(types.inputs ?? {})) {
        const { description = '' } = action.inputs?.[name] ?? {};
        for (const value of typed['allowed-values'] ?? [])
          assert.ok(description.includes(`\`${value}\``), `${name}: ${value}`);
      }
    });
  });
}

test('the action takes the values of each enum, and no other', async () => {
  const given: Readonly<Record<string, string>> = { tags: 'a/b:1', sources: 'a/b:2' };
  const isRefused = async (name: string, value: string): Promise<boolean> => {
    try {
      await readInputs({ input: (input) => (input === name ? value : (given[input] ?? '')) });
      return false;
    } catch (error) {
      return error instanceof InputError && error.message.startsWith(`${name}: "${value}" is not known`);
    }
  };
  for (const [name, typed] of Object.entries(read<Typed>('action-types.yml').inputs ?? {})) {
    if (typed.type !== 'enum') continue;
    for (const value of typed['allowed-values'] ?? [])
      assert.equal(await isRefused(name, value), false, value);
    assert.ok(await isRefused(name, 'other'), name);
  }
});
