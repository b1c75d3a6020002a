import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpResponse } from '../../../src/http/message.ts';
import { logged } from '../../../src/http/request-log.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { answer, FakeClock, outcomeOf, request, Told } from './wire-rig.ts';

const table: readonly { name: string; in: HttpResponse | Error; out: string }[] = [
  { name: 'an answer', in: answer(200), out: 'GET https://registry.example/v2/x: 200 (7 ms)' },
  {
    name: 'Docker Hub’s rate limit',
    in: answer(200, { headers: { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' } }),
    out: 'GET https://registry.example/v2/x: 200, ratelimit-limit: 100;w=21600, ratelimit-remaining: 76;w=21600 (7 ms)',
  },
  {
    name: 'a refusal',
    in: answer(429, { headers: { 'retry-after': '30' }, body: 'secret' }),
    out: 'GET https://registry.example/v2/x: 429, retry-after: 30 (7 ms)',
  },
  {
    name: 'a failure',
    in: new NetworkError('CONNECTION', 'registry.example closed the connection'),
    out: 'GET https://registry.example/v2/x: registry.example closed the connection (7 ms)',
  },
];

for (const { name, in: outcome, out } of table) {
  test(`request log: ${name}`, async () => {
    const lines: string[] = [];
    const clock = new FakeClock();
    const observer = Object.assign(new Told(), { debug: (text: string) => lines.push(text) });
    const send = logged(
      async () => {
        clock.time += 7;
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
      observer,
      clock,
    );
    const originHeaders = { authorization: 'Bearer secret' };
    const sent = request('https://user:secret@registry.example/v2/x?token=secret', { originHeaders });
    const seen = await outcomeOf(send(sent));
    if (!(outcome instanceof Error)) assert.equal(seen, outcome);
    assert.deepEqual(lines, [out]);
  });
}
