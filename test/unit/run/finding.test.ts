import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finding, joined } from '../../../src/run/finding.ts';

const moved = (about: string, to = '2'): Finding => ({ about, say: (names) => `${names} moved to ${to}` });
const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `t${at}`);

for (const [name, findings, out] of [
  ['none', [], []],
  ['one text has all names, each once', [moved('a'), moved('b'), moved('a')], ['a, b moved to 2']],
  ['another text is its own', [moved('a'), moved('b', '3')], ['a moved to 2', 'b moved to 3']],
  [
    'texts of one cause are one: the first',
    [moved('a'), moved('b', '3')].map((each) => ({ ...each, cause: 'x' })),
    ['a, b moved to 2'],
  ],
  [
    'many names are cut',
    numbers(22).map((about) => moved(about)),
    [`${numbers(20).join(', ')} and 2 more moved to 2`],
  ],
] satisfies [string, readonly Finding[], readonly string[]][]) {
  test(`joined findings: ${name}`, () => assert.deepEqual(joined(findings), out));
}
