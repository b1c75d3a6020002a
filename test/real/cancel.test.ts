/** Publishes that are processes, to CNCF distribution, and are cancelled as the runner does it: SIGINT, then SIGTERM. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeImage, makeIndex } from '../support/images/images.ts';
import type { ActionRun } from '../support/run/run-action.ts';
import { type Scenario, scenario } from '../support/run/scenario.ts';
import { type GatewayRules, type Passage, startGateway } from '../support/wire/gateway.ts';

const image = makeImage('linux/amd64');
const before = makeIndex([makeImage('linux/s390x', { name: 'before' })]);
const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** A cancelled run, and the digest that each of its tags holds in the end. */
interface Cancelled {
  readonly run: ActionRun;
  readonly held: Readonly<Record<string, string | undefined>>;
}

/** Publishes to tags, those with a `+` being new, behind a gateway whose rules get what cancels the process. */
async function cancelled(
  t: Scenario,
  tags: readonly string[],
  rulesWith: (cancel: (first: 'SIGINT' | 'SIGTERM') => Promise<void>) => GatewayRules,
): Promise<Cancelled> {
  await t.push('app:amd64', image);
  for (const tag of tags) if (!tag.startsWith('+')) await t.push(`app:${tag}`, before);
  let child: ChildProcess | undefined;
  const cancel = async (first: 'SIGINT' | 'SIGTERM'): Promise<void> => {
    child?.kill(first);
    void sleep(7500, undefined, { ref: false }).then(() => child?.kill('SIGTERM'));
    // The process has to take the signal before the answer.
    await sleep(300);
  };
  const gateway = await startGateway(t.registry.host, rulesWith(cancel));
  t.test.after(() => gateway.close());
  const names = tags.map((tag) => tag.replace('+', ''));
  const ref = (name: string): string => t.ref(`app:${name}`).replace(t.registry.host, gateway.host);
  const run = await t.publish(
    { tags: names.map(ref).join('\n'), sources: ref('amd64') },
    {
      onStart: (started) => {
        child = started;
      },
    },
  );
  const held = names.map(async (name) => [name, (await t.served(`app:${name}`))?.digest] as const);
  return { run, held: Object.fromEntries(await Promise.all(held)) };
}

/** Calls back at the nth request of a kind. */
function nth(count: number, isMeant: (passage: Passage) => boolean, act: () => Promise<void>) {
  let seen = 0;
  return async (passage: Passage): Promise<void> => {
    if (!isMeant(passage)) return;
    seen += 1;
    if (seen === count) await act();
  };
}

const isTagPush = ({ method, path }: Passage): boolean => method === 'PUT' && /\/[a-z]$/.test(path);

function linesOf({ run }: Cancelled): readonly string[] {
  const error = /^::error title=Cancelled::Cancelled\.%0A(.*)$/m.exec(run.stdout)?.[1];
  return (
    error?.split('%0A').map((line) => line.replace(/^.*\/app:/, '')) ?? assert.fail(run.stdout + run.stderr)
  );
}

scenario(
  'SIGINT while the third of eight PUTs is answered: all tags are put back',
  { on: ['real'] },
  async (t) => {
    const end = await cancelled(t, eight, (cancel) => ({ after: nth(3, isTagPush, () => cancel('SIGINT')) }));
    assert.equal(end.run.exitCode, 130, end.run.stdout);
    assert.deepEqual(new Set(Object.values(end.held)), new Set([before.digest]));
    assert.deepEqual(
      linesOf(end),
      eight.map((tag) => `${tag}: put back, holds ${before.digest}`),
    );
    for (const tag of eight) assert.match(end.run.summary, new RegExp(`\`${tag}\` \\| put back`));
  },
);

scenario('SIGTERM when a new tag is created: the other one is set, too', { on: ['real'] }, async (t) => {
  const end = await cancelled(t, ['a', '+b', '+c'], (cancel) => ({
    before: nth(2, isTagPush, () => cancel('SIGTERM')),
  }));
  assert.equal(end.run.exitCode, 143, end.run.stdout);
  const [digest, ...others] = new Set(Object.values(end.held));
  assert.deepEqual(others, []);
  assert.notEqual(digest, before.digest);
  assert.deepEqual(linesOf(end), [
    `a: moved, holds ${digest}`,
    `b: created, holds ${digest}`,
    `c: created, holds ${digest}`,
  ]);
});

scenario(
  'SIGINT, and a registry that stops answering: each tag is told before SIGTERM',
  { on: ['real'] },
  async (t) => {
    let isSilent = false;
    const never = new Promise(() => {});
    const end = await cancelled(t, ['a', 'b'], (cancel) => ({
      before: async () => (isSilent ? never : undefined),
      after: nth(2, isTagPush, async () => {
        isSilent = true;
        await cancel('SIGINT');
      }),
    }));
    assert.equal(end.run.exitCode, 130, end.run.stdout);
    for (const line of linesOf(end))
      assert.match(line, /^[ab]: moved, holds sha256:\w+: not put back to sha256:\w+ in time$/);
    assert.match(end.run.summary, /`b` (?:\||·) \*\*moved\*\*/);
  },
);
