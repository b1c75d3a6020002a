import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { root } from './markdown.ts';
import { checkOwnInputs } from './own-inputs.ts';
import { ownActions } from './workflow/own-actions.ts';

interface Typing {
  readonly type: 'string' | 'boolean' | 'integer' | 'list' | 'enum';
  readonly 'allowed-values'?: readonly string[];
}

interface Typings {
  readonly inputs: Readonly<Record<string, Typing>>;
  readonly outputs: Readonly<Record<string, Typing>>;
}

const required = {
  tags: 'ghcr.io/acme/app:1',
  sources: 'ghcr.io/acme/app:1-amd64',
  image: 'ghcr.io/acme/app:1',
};

/** The values that an input of this type may have; undefined for any text. */
function wordsOf({ type, 'allowed-values': allowed }: Typing): readonly string[] | undefined {
  return type === 'boolean' ? ['true', 'false'] : allowed;
}

for (const [folder, manifest] of ownActions) {
  const file = join(folder, 'action-types.yml');

  describe(file, () => {
    const typings: Typings = parse(readFileSync(join(root, file), 'utf8'));
    const uses = folder === '.' ? './' : `./${folder}`;
    const given = Object.fromEntries(Object.entries(required).filter(([name]) => name in manifest.inputs));
    const stepWith = (inputs: Readonly<Record<string, string>>) =>
      checkOwnInputs({ uses, with: { ...given, ...inputs }, env: {}, matrixJob: {} });

    test('has a type for each input and output of action.yml, in the same order', () => {
      assert.deepEqual(Object.keys(typings.inputs), Object.keys(manifest.inputs));
      assert.deepEqual(Object.keys(typings.outputs), Object.keys(manifest.outputs));
    });

    for (const [name, typing] of Object.entries(typings.inputs)) {
      const words = wordsOf(typing);
      if (words === undefined) continue;
      test(`says what ${name} may be`, async () => {
        assert.ok(words.includes(String(manifest.inputs[name]?.default)));
        await assert.rejects(stepWith({ [name]: 'another' }), /another/);
        // A value may need another input: then the action refuses that input, not the value.
        for (const word of words)
          await stepWith({ [name]: word }).catch((error: Error) =>
            assert.ok(!error.message.startsWith(`${name}: "${word}"`), error.message),
          );
      });
    }
  });
}
