import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpResponse } from '../../../src/http/message.ts';
import { isRateLimit, retryAfter } from '../../../src/http/rate-limit.ts';
import { answer } from '../../support/rigs/wire-rig.ts';

const limits: readonly { name: string; in: HttpResponse; out: boolean }[] = [
  { name: '429', in: answer(429), out: true },
  { name: '403', in: answer(403), out: false },
  {
    name: 'a 403 that denies',
    in: answer(403, { body: '{"errors":[{"code":"DENIED","message":"requested access is denied"}]}' }),
    out: false,
  },
  {
    name: 'GitHub’s 403',
    in: answer(403, { body: '{"message":"You have exceeded a secondary rate limit."}' }),
    out: true,
  },
  { name: 'a 403 in other letters', in: answer(403, { body: 'API Rate Limit exceeded' }), out: true },
  {
    name: 'a 403 about pirate limits',
    in: answer(403, { body: 'the pirate limitation applies' }),
    out: false,
  },
  { name: 'a 404 that speaks of one', in: answer(404, { body: 'secondary rate limit' }), out: false },
  { name: 'a 503', in: answer(503, { headers: { 'retry-after': '3' } }), out: false },
];

for (const { name, in: response, out } of limits) {
  test(`${name} is ${out ? 'a' : 'no'} rate limit`, () => assert.equal(isRateLimit(response), out));
}

const now = Date.parse('2023-11-14T22:13:20Z');
const head = (value: string): HttpResponse => answer(429, { headers: { 'retry-after': value } });
const body = (text: string): HttpResponse => answer(429, { body: text });

const reset = (headers: Record<string, string>, status = 429, text = ''): HttpResponse =>
  answer(status, { headers, body: text });
const inHalfAMinute = String(now / 1000 + 30);

const resets: readonly { name: string; in: HttpResponse; out: number | undefined }[] = [
  {
    name: 'GitHub’s used-up limit',
    in: reset(
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inHalfAMinute },
      403,
      '{"message":"API rate limit exceeded for user ID 1."}',
    ),
    out: 30_000,
  },
  {
    name: 'GitHub’s secondary limit, whose primary limit is not used up',
    in: reset(
      { 'x-ratelimit-remaining': '4990', 'x-ratelimit-reset': inHalfAMinute },
      403,
      'You have exceeded a secondary rate limit.',
    ),
    out: undefined,
  },
  {
    name: 'GitHub’s failure, which is no limit',
    in: reset({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inHalfAMinute }, 502),
    out: undefined,
  },
  {
    name: 'GitLab’s time of the reset',
    in: reset({ 'ratelimit-remaining': '0', 'ratelimit-reset': inHalfAMinute }),
    out: 30_000,
  },
  { name: 'the seconds until the reset', in: reset({ 'ratelimit-reset': ' 12 ' }), out: 12_000 },
  {
    name: 'a remainder with its window',
    in: reset({ 'ratelimit-remaining': '0;w=21600', 'ratelimit-reset': '12' }),
    out: 12_000,
  },
  { name: 'a reset in the past', in: reset({ 'x-ratelimit-reset': '1600000000' }), out: 0 },
  { name: 'a reset that is no number', in: reset({ 'x-ratelimit-reset': 'soon' }), out: undefined },
  {
    name: 'Retry-After before the reset',
    in: reset({ 'retry-after': '1', 'ratelimit-reset': '12' }),
    out: 1000,
  },
  {
    name: 'the body before the reset',
    in: reset({ 'ratelimit-reset': '12' }, 429, 'retry-after: 2s'),
    out: 2000,
  },
];

const waits: readonly { name: string; in: HttpResponse; out: number | undefined }[] = [
  { name: 'nothing', in: answer(429), out: undefined },
  { name: 'seconds', in: head('120'), out: 120_000 },
  { name: 'no seconds', in: head('0'), out: 0 },
  { name: 'white space around', in: head('  5 '), out: 5000 },
  { name: 'a fraction', in: head('0.25'), out: 250 },
  { name: 'very many seconds', in: head('999999999999'), out: 999_999_999_999_000 },
  { name: 'a date', in: head('Tue, 14 Nov 2023 22:14:20 GMT'), out: 60_000 },
  { name: 'a date of RFC 850', in: head('Tuesday, 14-Nov-23 22:14:20 GMT'), out: 60_000 },
  { name: 'a date of asctime', in: head('Tue Nov 14 22:14:20 2023 GMT'), out: 60_000 },
  { name: 'a past date', in: head('Tue, 14 Nov 2023 22:00:00 GMT'), out: 0 },
  { name: 'rubbish', in: head('later'), out: undefined },
  { name: 'an empty header', in: head(''), out: undefined },
  {
    name: 'a header before a body',
    in: answer(429, { headers: { 'retry-after': '1' }, body: 'retry-after: 9s' }),
    out: 1000,
  },
  {
    name: 'the first of two headers',
    in: answer(429, { headers: { 'retry-after': ['2', '9'] } }),
    out: 2000,
  },
  {
    name: 'microseconds',
    in: body('{"message":"retry-after: 46.337µs, allowed: 44000/minute"}'),
    out: 0.046337,
  },
  { name: 'milliseconds', in: body('retry-after: 12.5ms'), out: 12.5 },
  { name: 'seconds in the body', in: body('Retry-After: 3s'), out: 3000 },
  { name: 'minutes and seconds', in: body('retry-after:1m30s'), out: 90_000 },
  { name: 'hours', in: body('retry-after: 1h0m0.5s'), out: 3_600_500 },
  { name: 'a number without unit', in: body('retry-after: 3'), out: undefined },
  { name: 'a unit without number', in: body('retry-after: s'), out: undefined },
  ...resets,
  { name: 'text beyond the first 4 KiB', in: body(`${' '.repeat(4096)}retry-after: 3s`), out: undefined },
];

for (const { name, in: response, out } of waits) {
  test(`wait asked for by ${name}: ${out} ms`, () => {
    const wait = retryAfter(response, now);
    assert.equal(wait === undefined ? undefined : Number(wait.toFixed(6)), out);
  });
}
