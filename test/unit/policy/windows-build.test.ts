import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatWindowsBuild,
  parseWindowsBuild,
  runsWindowsBuild,
} from '../../../src/policy/windows-build.ts';

describe('a Windows version', () => {
  const table = [
    { in: '10.0.20348', out: '10.0.20348' },
    { in: '10.0.20348.2340', out: '10.0.20348' },
    { in: '10.0.14393.', out: '10.0.14393' },
    { in: '', out: undefined },
    { in: '10.0', out: undefined },
    { in: 'ltsc2022', out: undefined },
    { in: '10.0.20348-rc', out: undefined },
    { in: '10.0.203480000', out: undefined },
  ];
  for (const row of table)
    it(row.in.slice(0, 40) || 'nothing', () => {
      const build = parseWindowsBuild(row.in);
      assert.equal(build && formatWindowsBuild(build), row.out);
    });
});

describe('which builds a host runs', () => {
  const table = [
    { host: 14393, runs: [14393], not: [10586, 17763, 20348] },
    { host: 17763, runs: [17763], not: [14393, 18362, 20348] },
    { host: 20348, runs: [20348], not: [17763, 20349, 26100] },
    { host: 22621, runs: [20348, 22000, 22621], not: [17763, 26100] },
    { host: 25398, runs: [20348, 25398], not: [19042, 26100] },
    { host: 26100, runs: [20348, 25398, 26100], not: [17763, 26200] },
    { host: 27000, runs: [26100, 26500, 27000], not: [20348, 25398, 27001] },
  ];
  const build = (number: number) => ({ major: 10, minor: 0, build: number });
  for (const { host, runs, not } of table)
    it(`${host}`, () => {
      for (const image of runs) assert.ok(runsWindowsBuild(build(host), build(image)), `${image}`);
      for (const image of not) assert.ok(!runsWindowsBuild(build(host), build(image)), `${image}`);
    });
  it('never of another major or minor version', () => {
    assert.ok(!runsWindowsBuild(build(20348), { major: 6, minor: 0, build: 20348 }));
    assert.ok(!runsWindowsBuild(build(20348), { major: 10, minor: 1, build: 20348 }));
  });
});
