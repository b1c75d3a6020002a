import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TagMovedError } from '../../../src/pipeline/tag.ts';
import type { MissingSources, SourceReading } from '../../../src/policy/missing-sources.ts';
import type { Result } from '../../../src/publish/result.ts';
import { publishRounds } from '../../../src/publish/rounds.ts';
import type { Run } from '../../../src/publish/run.ts';
import { Cancellation } from '../../../src/run/cancellation.ts';
import { ConflictError, VerifyError } from '../../../src/run/errors.ts';
import { target } from '../../support/rigs/push-rig.ts';
import { digestFor } from '../policy/entries.ts';

/** `a b=2 -c`: a is found, b with other content, c is missing. */
function readingsOf(text: string): readonly SourceReading[] {
  return text.split(' ').map((word) => {
    const [label = '', version = '1'] = word.replace('-', '').split('=');
    return { label, digest: word.startsWith('-') ? undefined : digestFor(`${label} ${version}`) };
  });
}

/** What becomes of a round: `held`, or what another job does: `lost` is seen a moment after the read-back. */
type Fate = 'held' | 'lost' | 'moved' | 'overtaken' | 'apart' | 'apart again' | 'broken';

const errors: Readonly<Partial<Record<Fate, Error>>> = {
  moved: new TagMovedError(),
  overtaken: new VerifyError('OVERTAKEN', 'overtaken'),
  apart: new ConflictError('AMEND_TAGS', 'one holds a, the other b'),
  'apart again': new ConflictError('AMEND_TAGS', 'one holds a, the other c'),
  broken: new VerifyError('NOT_SERVED', 'not served'),
};

interface Given {
  readonly mode?: 'error' | MissingSources;
  readonly amend?: boolean;
  /** What each reading of the sources finds; the last stays. */
  readonly finds?: readonly string[];
  /** Those of the rounds; then `held`. */
  readonly fates?: readonly Fate[];
  readonly rounds?: Run['rounds'];
}

/** Runs the rounds, and returns all they did. */
async function rounds(given: Given): Promise<readonly string[]> {
  const { mode = 'error', amend = false, finds = ['a'], fates = [], rounds = 'several' } = given;
  const done: string[] = [];
  const request = {
    tags: [target('latest')],
    base: amend ? 'amend' : 'replace',
    immutableTags: [],
    forwardOnlyTags: [],
  };
  const fate = (): Fate => fates[done.filter((each) => each.startsWith('publish ')).length - 1] ?? 'held';
  const clock = { sleep: async () => void done.push('sleep'), random: () => 0, now: () => 0 };
  const run = {
    request: { missingSources: mode, waitForSources: 15, mode: 'push', lists: [request] },
    rounds,
    context: { clock, cancellation: new Cancellation(clock) },
    log: { group: (_: string, stage: () => unknown) => stage() },
    sources: {
      read: async (wait: number) => {
        const count = done.filter((each) => each.startsWith('read')).length;
        done.push(`read ${wait}`);
        return readingsOf(finds[Math.min(count, finds.length - 1)] ?? '');
      },
      check: async () => void done.push('check'),
    },
    ledger: {
      isOld: false,
      writtenAt: 0,
      describe: async () => 'holds theirs',
      reread: () => void done.push('reread'),
      of: async () => (fate() === 'lost' ? 'theirs' : 'ours'),
    },
    guards: { warn: async () => void done.push('warn') },
  } as unknown as Run;
  const end = await publishRounds(run, async (sources) => {
    done.push(`publish ${sources === 'all' ? sources : sources.map(({ label }) => label).join('+')}`);
    const error = errors[fate()];
    if (error !== undefined) throw error;
    const tags = request.tags.map((tag) => ({ ...tag, state: 'moved' }));
    return [{ request, tags, served: { digest: 'ours' } } as unknown as Result];
  });
  return [...done, end.kind];
}

const table: readonly { readonly name: string; readonly in: Given; readonly out: readonly string[] }[] = [
  { name: 'one round', in: { rounds: 'one' }, out: ['publish all', 'warn', 'published'] },
  {
    name: 'defer waits, then defers',
    in: { mode: 'defer', finds: ['a -b'] },
    out: ['read 15', 'check', 'deferred'],
  },
  {
    name: 'defer publishes, and does not wait after that',
    in: { mode: 'defer', finds: ['a b'] },
    out: ['read 15', 'publish a+b', 'read 0', 'warn', 'published'],
  },
  {
    name: 'ignore publishes what exists, and waits for the rest',
    in: { mode: 'ignore', finds: ['a -b', 'a b'] },
    out: ['read 15', 'publish a', 'read 15', 'reread', 'publish a+b', 'read 15', 'warn', 'published'],
  },
  {
    name: 'ignore keeps what was cleaned up',
    in: { mode: 'ignore', finds: ['a -b', '-a b', '-a b'] },
    out: ['read 15', 'publish a', 'read 15', 'reread', 'publish a+b', 'read 15', 'warn', 'published'],
  },
  {
    name: 'ignore writes again over an older list',
    in: { mode: 'ignore', fates: ['overtaken'] },
    out: ['read 15', 'publish a', 'read 15', 'sleep', 'reread', 'publish a', 'read 15', 'warn', 'published'],
  },
  {
    name: 'a dry run reads the sources once',
    in: { mode: 'ignore', finds: ['a -b'], rounds: 'one' },
    out: ['read 15', 'publish a', 'warn', 'published'],
  },
  {
    name: 'amend reads the tags once more a moment later',
    in: { amend: true },
    out: ['publish all', 'sleep', 'reread', 'warn', 'published'],
  },
  {
    name: 'amend and ignore: one loop for both',
    in: { amend: true, mode: 'ignore', finds: ['a -b', 'a b'], fates: ['lost'] },
    out: [
      ...['read 15', 'publish a', 'sleep', 'reread'],
      ...['read 15', 'reread', 'publish a+b', 'sleep', 'reread', 'read 15', 'warn', 'published'],
    ],
  },
];
for (const { name, in: given, out } of table)
  test(`rounds: ${name}`, async () => assert.deepEqual(await rounds(given), out));

async function countOf(...fates: readonly Fate[]): Promise<number> {
  const done = await rounds({ amend: true, fates });
  return done.filter((each) => each.startsWith('publish ')).length;
}

test('rounds: amends again whatever another job did', async () => {
  assert.equal(await countOf('moved', 'overtaken', 'lost', 'lost', 'moved', 'held'), 6);
});

test('rounds: gives up after five repeats', async () => {
  await assert.rejects(countOf('lost', 'lost', 'moved', 'lost', 'lost', 'lost', 'held'), {
    code: 'AMEND_CONFLICT',
    message:
      'Other jobs changed the tags during all 6 attempts to amend them:\nghcr.io/acme/app:latest holds theirs',
  });
  const overtaken = Array<Fate>(20).fill('overtaken');
  await assert.rejects(rounds({ mode: 'ignore', fates: overtaken }), { code: 'OVERTAKEN' });
});

test('rounds: tags that hold different content are read again, but not twice the same', async () => {
  assert.equal(await countOf('apart', 'apart again', 'held'), 3);
  assert.equal(await countOf('apart', 'moved', 'apart', 'held'), 4);
  await assert.rejects(countOf('apart', 'apart', 'held'), { code: 'AMEND_TAGS' });
});

test('rounds: any other failure ends the run', async () => {
  await assert.rejects(countOf('broken', 'held'), { code: 'NOT_SERVED' });
});

test('rounds: a run of one round that was overtaken fails', async () => {
  await assert.rejects(rounds({ fates: ['overtaken'], rounds: 'one' }), { code: 'OVERTAKEN' });
});

test('rounds: no source exists', async () => {
  await assert.rejects(rounds({ mode: 'defer', finds: ['-a -b'] }), {
    code: 'SOURCE_MISSING',
    message: /a, b$/,
  });
});

test('rounds: sources that never stop changing', async () => {
  const finds = Array.from({ length: 200 }, (_, at) => `a=${at}`);
  await assert.rejects(rounds({ mode: 'defer', finds }), { code: 'SOURCE_UNSTABLE' });
});
