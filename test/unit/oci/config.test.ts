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
    {
      name: 'os and architecture',
      in: { architecture: 'amd64', os: 'linux' },
      out: { architecture: 'amd64', os: 'linux' },
    },
    {
      name: 'everything, in its own spelling',
      in: {
        architecture: 'ARM64',
        os: 'Windows',
        variant: 'V8',
        'os.version': '10.0',
        'os.features': ['b', 'a'],
      },
      out: {
        architecture: 'ARM64',
        os: 'Windows',
        variant: 'V8',
        'os.version': '10.0',
        'os.features': ['b', 'a'],
      },
    },
    {
      name: 'nothing else of the config',
      in: { architecture: 'amd64', os: 'linux', config: { Env: [] }, rootfs: {}, author: 'x' },
      out: { architecture: 'amd64', os: 'linux' },
    },
    {
      name: 'empty fields, which say nothing',
      in: { architecture: 'amd64', os: 'linux', variant: '', 'os.version': null, 'os.features': [] },
      out: { architecture: 'amd64', os: 'linux' },
    },
    {
      name: 'labels that differ only in case',
      in: { architecture: 'amd64', os: 'linux', config: { Labels: { License: 'a', license: 'b' } } },
      out: { architecture: 'amd64', os: 'linux' },
    },
    { name: 'an empty config', in: {}, out: undefined },
    { name: 'no os', in: { architecture: 'amd64' }, out: undefined },
    { name: 'no architecture', in: { os: 'linux' }, out: undefined },
    { name: 'empty os and architecture', in: { os: '', architecture: '' }, out: undefined },
  ];
  for (const row of table) it(row.name, () => assert.deepEqual(parse(row.in), row.out));
});

describe('image configs that are refused', () => {
  const table = [
    { name: 'rubbish', in: 'rubbish', out: /not JSON/ },
    { name: 'a list', in: [], out: /the image config is an array/ },
    {
      name: 'an os that is a list',
      in: { architecture: 'amd64', os: ['linux'] },
      out: /the image config\.os is an array/,
    },
    {
      name: 'an architecture with a line break',
      in: { architecture: 'a\nb', os: 'linux' },
      out: /architecture is "a\\nb"/,
    },
    {
      name: 'a variant that is a number',
      in: { architecture: 'arm', os: 'linux', variant: 7 },
      out: /variant is a number/,
    },
    {
      name: 'os.features that are text',
      in: { architecture: 'arm', os: 'linux', 'os.features': 'x' },
      out: /os\.features/,
    },
    { name: 'a field twice', in: '{"os":"linux","os":"windows","architecture":"amd64"}', out: /"os" twice/ },
    {
      name: 'a field in another case',
      in: { architecture: 'amd64', os: 'linux', OS: 'windows' },
      out: /field "OS".*read as "os"/,
    },
  ];
  for (const row of table) it(row.name, () => assert.throws(() => parse(row.in), row.out));
});

it('a config whose platform holds more than a name is refused', () => {
  for (const os of ['linux##[error]x', 'linux,windows', 'a/b', 'x\u202e', 'a b']) {
    const config = Buffer.from(JSON.stringify({ os, architecture: 'amd64' }));
    assert.throws(() => parseConfigPlatform(config), FormatError);
  }
});
