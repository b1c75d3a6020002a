import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coversList } from '../../../src/policy/covered-list.ts';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { manifestOf } from '../../support/rigs/memory-registry.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const riscv = makeImage('linux/riscv64');
const both = makeIndex([amd64, arm64]);
const v8 = { os: 'linux', architecture: 'arm64', variant: 'v8' };

describe('whether a list serves all that another does', () => {
  const table = [
    ['itself', both, both, true],
    ['more', makeIndex([amd64, arm64, riscv]), both, true],
    ['less', makeIndex([amd64]), both, false],
    ['another order and annotation', makeIndex([arm64, amd64], { annotations: { a: 'b' } }), both, true],
    ['a platform that is spelt otherwise', makeIndex([amd64, { content: arm64, platform: v8 }]), both, true],
    ['other content', makeIndex([amd64, makeImage('linux/arm64', { name: 'x' })]), both, false],
    ['the image itself', both, amd64, true],
    ['another image', riscv, both, false],
  ] as const;
  for (const [name, held, ours, out] of table)
    it(name, () => assert.equal(coversList(manifestOf(held), manifestOf(ours)), out));
});
