import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChallenges } from '../../../src/auth/challenge.ts';

type Plain = readonly [scheme: string, parameters: Readonly<Record<string, string>>];

const table: readonly { name: string; in: string; out: readonly Plain[] }[] = [
  {
    // What follows the missing comma is malformed; what stands before it is not.
    name: 'a second parameter without a comma leaves the first',
    in: 'Bearer realm="x" scope="y"',
    out: [['bearer', { realm: 'x' }]],
  },
  {
    name: 'a third parameter without a comma leaves two',
    in: 'Bearer realm="x",service="y" scope="z"',
    out: [['bearer', { realm: 'x', service: 'y' }]],
  },
  {
    name: 'an unquoted value without a comma behind it',
    in: 'Bearer realm=x service=y',
    out: [['bearer', { realm: 'x' }]],
  },
  {
    name: 'a quoted string that does not end keeps what stands before it',
    in: 'Bearer realm="x", scope="y',
    out: [['bearer', { realm: 'x' }]],
  },
  {
    name: 'a broken value is no value',
    in: 'Bearer realm="x"y, service="z"',
    out: [['bearer', {}]],
  },
];

for (const { name, in: header, out } of table) {
  test(name, () => {
    const challenges = parseChallenges([header]);
    // Of parameters that follow the flaw, more may be read; none may be lost that stands before it.
    for (const [at, [scheme, parameters]] of out.entries()) {
      assert.equal(challenges[at]?.scheme, scheme);
      for (const [key, value] of Object.entries(parameters))
        assert.equal(challenges[at]?.parameters.get(key), value);
    }
  });
}
