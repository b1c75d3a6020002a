/** The numbers of docs/LIMITS.md are those of the code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { maxSpecLength } from '../../src/actions/input/spec-text.ts';
import { maxHostConnections } from '../../src/http/host-limiter.ts';
import { maxWait } from '../../src/http/rate-limit.ts';
import { standardRetries } from '../../src/http/retry.ts';
import { standardTimeouts } from '../../src/http/transport.ts';
import { manifestLimit } from '../../src/oci/manifest.ts';
import { maxSources } from '../../src/sources/input/problem-list.ts';

const text = readFileSync(new URL('../../docs/LIMITS.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
const words = ['', 'one', 'two', 'three', 'four', 'five', 'six'];
const minutes = (milliseconds: number) => words[milliseconds / 60_000];
const { maxAttempts, maxSilentAttempts, deadline } = standardRetries;

for (const claim of [
  `256 lists and ${maxSpecLength / 1024} KiB`,
  `at most ${maxSources} sources and ${manifestLimit / 1024 / 1024} MiB`,
  `at most ${maxHostConnections} requests at once to a host`,
  `tried up to ${words[maxAttempts]} times, and the last try starts within ${minutes(deadline)} minutes`,
  `tried ${words[maxSilentAttempts]} times, for ${standardTimeouts.headers / 1000} seconds each`,
  `takes at most ${minutes(deadline + standardTimeouts.whole)} minutes`,
]) {
  test(`limits: ${claim}`, () => assert.ok(text.includes(claim), claim));
}

test('limits: a minute is the longest wait', () => assert.equal(maxWait, 60_000));
