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
    { name: 'itself', held: both, ours: both, out: true },
    { name: 'more', held: makeIndex([amd64, arm64, riscv]), ours: both, out: true },
    { name: 'less', held: makeIndex([amd64]), ours: both, out: false },
    {
      name: 'another order and annotation',
      held: makeIndex([arm64, amd64], { annotations: { a: 'b' } }),
      ours: both,
      out: true,
    },
    {
      name: 'a platform that is spelt otherwise',
      held: makeIndex([amd64, { content: arm64, platform: v8 }]),
      ours: both,
      out: true,
    },
    {
      name: 'other content',
      held: makeIndex([amd64, makeImage('linux/arm64', { name: 'x' })]),
      ours: both,
      out: false,
    },
    { name: 'the image itself', held: both, ours: amd64, out: true },
    { name: 'another image', held: riscv, ours: both, out: false },
  ];
  for (const { name, held, ours, out } of table)
    it(name, () => assert.equal(coversList(manifestOf(held), manifestOf(ours)), out));
});
