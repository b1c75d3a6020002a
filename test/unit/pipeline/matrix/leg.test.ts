import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RoundOutcome, runLeg } from '../../../../src/pipeline/matrix/leg.ts';
import type { MissingSources, SourceReading } from '../../../../src/policy/missing-sources.ts';
import { VerifyError } from '../../../../src/run/errors.ts';
import { digestFor } from '../../policy/entries.ts';

/** `a b=2 -c`: a is found, b with other content, c is missing. */
function readings(text: string): readonly SourceReading[] {
  return text.split(' ').map((word) => {
    const [label = '', version = '1'] = word.replace('-', '').split('=');
    return { label, digest: word.startsWith('-') ? undefined : digestFor(`${label} ${version}`) };
  });
}

const overwritten: RoundOutcome = { overwritten: new VerifyError('OVERTAKEN', 'overwritten') };

/** Runs a leg over looks, the last of which stays; `outcomes` are those of its rounds. Gives all it did. */
async function leg(mode: MissingSources, looks: readonly string[], outcomes: readonly RoundOutcome[] = []) {
  const done: string[] = [];
  let round = 0;
  const end = await runLeg<RoundOutcome>(
    {
      mode,
      wait: 15,
      clock: { sleep: async () => void done.push('sleep'), random: () => 0 },
      rounds: 'repeated',
    },
    {
      look: async (wait) => {
        const look = looks[Math.min(done.filter((each) => each.startsWith('look')).length, looks.length - 1)];
        done.push(`look ${wait}`);
        return readings(look ?? '');
      },
      publish: async (sources) => {
        done.push(`publish ${sources.map(({ label }) => label).join('+')}`);
        return outcomes[round++] ?? {};
      },
    },
  );
  return [...done, end.kind];
}

const table: readonly {
  name: string;
  mode: MissingSources;
  looks: readonly string[];
  outcomes?: readonly RoundOutcome[];
  out: readonly string[];
}[] = [
  { name: 'waits, then defers', mode: 'defer', looks: ['a -b'], out: ['look 15', 'deferred'] },
  {
    name: 'publishes, and does not wait after that',
    mode: 'defer',
    looks: ['a b'],
    out: ['look 15', 'publish a+b', 'look 0', 'published'],
  },
  {
    name: 'publishes what exists, and waits for the rest',
    mode: 'ignore',
    looks: ['a -b', 'a b'],
    out: ['look 15', 'publish a', 'look 15', 'publish a+b', 'look 15', 'published'],
  },
  {
    name: 'keeps what was cleaned up',
    mode: 'ignore',
    looks: ['a -b', '-a b', '-a b'],
    out: ['look 15', 'publish a', 'look 15', 'publish a+b', 'look 15', 'published'],
  },
  {
    name: 'writes again over an older list',
    mode: 'ignore',
    looks: ['a'],
    outcomes: [overwritten, {}],
    out: ['look 15', 'publish a', 'look 15', 'sleep', 'publish a', 'look 15', 'published'],
  },
];
for (const { name, mode, looks, outcomes, out } of table)
  test(`a leg that may ${mode} ${name}`, async () => assert.deepEqual(await leg(mode, looks, outcomes), out));

test('a dry run looks once', async () => {
  const end = await runLeg<RoundOutcome>(
    { mode: 'ignore', wait: 15, clock: { sleep: async () => undefined, random: () => 0 }, rounds: 'one' },
    { look: async () => readings('a -b'), publish: async () => ({}) },
  );
  assert.equal(end.kind, 'published');
});

test('no source exists', async () => {
  await assert.rejects(leg('defer', ['-a -b']), { code: 'SOURCE_MISSING', message: /a, b$/ });
});

test('others keep overwriting', async () => {
  await assert.rejects(leg('ignore', ['a'], Array<RoundOutcome>(20).fill(overwritten)), {
    code: 'OVERTAKEN',
  });
});

test('sources that never stop changing', async () => {
  const looks = Array.from({ length: 200 }, (_, at) => `a=${at}`);
  await assert.rejects(leg('defer', looks), { code: 'SOURCE_UNSTABLE' });
});
