import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPurgeInputs } from '../../../../src/actions/input/purge-inputs.ts';
import { familiarReference, formatReference } from '../../../../src/oci/reference.ts';

type Texts = Readonly<Record<string, string>>;
const read = (inputs: Texts, environment: Texts = {}) =>
  readPurgeInputs({ input: (name) => inputs[name] ?? '', environment });

describe('the inputs of the purge action', () => {
  it('are tags and drafts, each once', async () => {
    const { tags, drafts, mode } = await read({
      tags: 'ghcr.io/acme/app:a, ghcr.io/acme/app:b\n# a comment\nghcr.io/acme/app:a',
      drafts: 'app\ndocker-manifest:app:latest\nacme/app:1',
      'dry-run': 'true',
    });
    assert.deepEqual(tags.map(formatReference), ['ghcr.io/acme/app:a', 'ghcr.io/acme/app:b']);
    assert.deepEqual(drafts.map(familiarReference), ['app:latest', 'acme/app:1']);
    assert.equal(mode, 'dry-run');
  });

  it('remove by default', async () =>
    assert.equal((await read({ tags: 'app:a', 'dry-run': '' })).mode, 'purge'));

  it('are refused under the name of the other dry run', () =>
    assert.rejects(read({ tags: 'app:a' }, { INPUT_PUSH: 'false' }), {
      message:
        'push: is not an input of this action: write `dry-run: true`, or rename INPUT_PUSH if `env` sets it',
    }));

  const digest = `sha256:${'a'.repeat(64)}`;
  const bad: readonly (readonly [name: string, inputs: Readonly<Record<string, string>>, message: RegExp])[] =
    [
      [
        'nothing to remove',
        {},
        /^tags: lists no tag, and `drafts` lists no draft; write one per line: registry\/repo/,
      ],
      [
        'a digest',
        { tags: `app:a\napp@${digest}` },
        /^tags line 2: .* has a digest, and only tags are removed, never content/,
      ],
      [
        'no tag',
        { tags: 'ghcr.io/acme/app' },
        /^tags line 1: .* has no tag.*such as ghcr\.io\/acme\/app:1\.2\.3-amd64/,
      ],
      [
        'a draft with a digest',
        { drafts: `app@${digest}` },
        /^drafts line 1: .* has a digest.*docker manifest create/,
      ],
      ['a flag that is none', { tags: 'app:a', 'dry-run': 'yes' }, /^dry-run: .*yes.*true or false/],
      ['a pasted YAML list', { tags: '- app:a' }, /^tags/],
    ];
  for (const [name, inputs, message] of bad)
    it(`refuse ${name}`, () => assert.rejects(read(inputs), { name: 'InputError', message: message }));
});
