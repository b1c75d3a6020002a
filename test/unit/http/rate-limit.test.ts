import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpResponse } from '../../../src/http/message.ts';
import { isRateLimit, retryAfter } from '../../../src/http/rate-limit.ts';
import { answer } from '../../support/rigs/wire-rig.ts';

const limits: readonly (readonly [name: string, response: HttpResponse, out: boolean])[] = [
  ['429', answer(429), true],
  ['403', answer(403), false],
  [
    'a 403 that denies',
    answer(403, { body: '{"errors":[{"code":"DENIED","message":"requested access is denied"}]}' }),
    false,
  ],
  ['GitHub’s 403', answer(403, { body: '{"message":"You have exceeded a secondary rate limit."}' }), true],
  ['a 403 in other letters', answer(403, { body: 'API Rate Limit exceeded' }), true],
  ['a 403 about pirate limits', answer(403, { body: 'the pirate limitation applies' }), false],
  ['a 404 that speaks of one', answer(404, { body: 'secondary rate limit' }), false],
  ['a 503', answer(503, { headers: { 'retry-after': '3' } }), false],
];

for (const [name, response, out] of limits) {
  test(`${name} is ${out ? 'a' : 'no'} rate limit`, () => assert.equal(isRateLimit(response), out));
}

type WaitRow = readonly [name: string, response: HttpResponse, wait?: number];

const now = Date.parse('2023-11-14T22:13:20Z');
const head = (value: string): HttpResponse => answer(429, { headers: { 'retry-after': value } });
const body = (text: string): HttpResponse => answer(429, { body: text });

const reset = (headers: Record<string, string>, status = 429, text = ''): HttpResponse =>
  answer(status, { headers, body: text });
const inHalfAMinute = String(now / 1000 + 30);

const resets: readonly WaitRow[] = [
  [
    'GitHub’s used-up limit',
    reset(
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inHalfAMinute },
      403,
      '{"message":"API rate limit exceeded for user ID 1."}',
    ),
    30_000,
  ],
  [
    'GitHub’s secondary limit, whose primary limit is not used up',
    reset(
      { 'x-ratelimit-remaining': '4990', 'x-ratelimit-reset': inHalfAMinute },
      403,
      'You have exceeded a secondary rate limit.',
    ),
  ],
  [
    'GitHub’s failure, which is no limit',
    reset({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inHalfAMinute }, 502),
  ],
  [
    'GitLab’s time of the reset',
    reset({ 'ratelimit-remaining': '0', 'ratelimit-reset': inHalfAMinute }),
    30_000,
  ],
  ['the seconds until the reset', reset({ 'ratelimit-reset': ' 12 ' }), 12_000],
  [
    'a remainder with its window',
    reset({ 'ratelimit-remaining': '0;w=21600', 'ratelimit-reset': '12' }),
    12_000,
  ],
  ['a reset in the past', reset({ 'x-ratelimit-reset': '1600000000' }), 0],
  ['a reset that is no number', reset({ 'x-ratelimit-reset': 'soon' })],
  ['Retry-After before the reset', reset({ 'retry-after': '1', 'ratelimit-reset': '12' }), 1000],
  ['the body before the reset', reset({ 'ratelimit-reset': '12' }, 429, 'retry-after: 2s'), 2000],
];

const waits: readonly WaitRow[] = [
  ['nothing', answer(429)],
  ['seconds', head('120'), 120_000],
  ['no seconds', head('0'), 0],
  ['white space around', head('  5 '), 5000],
  ['a fraction', head('0.25'), 250],
  ['very many seconds', head('999999999999'), 999_999_999_999_000],
  ['a date', head('Tue, 14 Nov 2023 22:14:20 GMT'), 60_000],
  ['a date of RFC 850', head('Tuesday, 14-Nov-23 22:14:20 GMT'), 60_000],
  ['a date of asctime', head('Tue Nov 14 22:14:20 2023 GMT'), 60_000],
  ['a past date', head('Tue, 14 Nov 2023 22:00:00 GMT'), 0],
  ['rubbish', head('later')],
  ['an empty header', head('')],
  ['a header before a body', answer(429, { headers: { 'retry-after': '1' }, body: 'retry-after: 9s' }), 1000],
  ['the first of two headers', answer(429, { headers: { 'retry-after': ['2', '9'] } }), 2000],
  ['microseconds', body('{"message":"retry-after: 46.337µs, allowed: 44000/minute"}'), 0.046337],
  ['milliseconds', body('retry-after: 12.5ms'), 12.5],
  ['seconds in the body', body('Retry-After: 3s'), 3000],
  ['minutes and seconds', body('retry-after:1m30s'), 90_000],
  ['hours', body('retry-after: 1h0m0.5s'), 3_600_500],
  ['a number without unit', body('retry-after: 3')],
  ['a unit without number', body('retry-after: s')],
  ...resets,
  ['text beyond the first 4 KiB', body(`${' '.repeat(4096)}retry-after: 3s`)],
];

for (const [name, response, out] of waits) {
  test(`wait asked for by ${name}: ${out} ms`, () => {
    const wait = retryAfter(response, now);
    assert.equal(wait === undefined ? undefined : Number(wait.toFixed(6)), out);
  });
}
