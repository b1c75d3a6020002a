import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfigPlatform } from '../../../src/oci/config.ts';
import { FormatError } from '../../../src/oci/format-error.ts';

const parse = (document: unknown) =>
  parseConfigPlatform(
    new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document)),
  );

describe('the platform an image config states', () => {
  const table = [
    ['os and architecture', { architecture: 'amd64', os: 'linux' }, { architecture: 'amd64', os: 'linux' }],
    [
      'everything, in its own spelling',
      {
        architecture: 'ARM64',
        os: 'Windows',
        variant: 'V8',
        'os.version': '10.0',
        'os.features': ['b', 'a'],
      },
      {
        architecture: 'ARM64',
        os: 'Windows',
        variant: 'V8',
        'os.version': '10.0',
        'os.features': ['b', 'a'],
      },
    ],
    [
      'nothing else of the config',
      { architecture: 'amd64', os: 'linux', config: { Env: [] }, rootfs: {}, author: 'x' },
      { architecture: 'amd64', os: 'linux' },
    ],
    [
      'empty fields, which say nothing',
      { architecture: 'amd64', os: 'linux', variant: '', 'os.version': null, 'os.features': [] },
      { architecture: 'amd64', os: 'linux' },
    ],
    [
      'labels that differ only in case',
      { architecture: 'amd64', os: 'linux', config: { Labels: { License: 'a', license: 'b' } } },
      { architecture: 'amd64', os: 'linux' },
    ],
    ['an empty config', {}, undefined],
    ['no os', { architecture: 'amd64' }, undefined],
    ['no architecture', { os: 'linux' }, undefined],
    ['empty os and architecture', { os: '', architecture: '' }, undefined],
  ] as const;
  for (const [name, input, out] of table) it(name, () => assert.deepEqual(parse(input), out));
});

describe('image configs that are refused', () => {
  const table = [
    ['rubbish', 'rubbish', /not JSON/],
    ['a list', [], /the image config is an array/],
    ['an os that is a list', { architecture: 'amd64', os: ['linux'] }, /the image config\.os is an array/],
    ['an architecture with a line break', { architecture: 'a\nb', os: 'linux' }, /architecture is "a\\nb"/],
    ['a variant that is a number', { architecture: 'arm', os: 'linux', variant: 7 }, /variant is a number/],
    ['os.features that are text', { architecture: 'arm', os: 'linux', 'os.features': 'x' }, /os\.features/],
    ['a field twice', '{"os":"linux","os":"windows","architecture":"amd64"}', /"os" twice/],
    [
      'a field in another case',
      { architecture: 'amd64', os: 'linux', OS: 'windows' },
      /field "OS".*read as "os"/,
    ],
  ] as const;
  for (const [name, input, out] of table) it(name, () => assert.throws(() => parse(input), out));
});

it('a config whose platform holds more than a name is refused', () => {
  for (const os of ['linux##[error]x', 'linux,windows', 'a/b', 'x\u202e', 'a b']) {
    const config = Buffer.from(JSON.stringify({ os, architecture: 'amd64' }));
    assert.throws(() => parseConfigPlatform(config), FormatError);
  }
});
