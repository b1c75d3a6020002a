import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../../src/oci/digest.ts';
import { TagLedger } from '../../../../src/pipeline/ledger.ts';
import type { RunContext } from '../../../../src/pipeline/run-context.ts';
import type { PushedTag } from '../../../../src/pipeline/tag.ts';
import { verifyLists } from '../../../../src/pipeline/tags/verify.ts';
import { VerifyError } from '../../../../src/run/errors.ts';
import { MemoryRegistry, type Trouble } from '../../../support/rigs/memory-registry.ts';
import {
  before,
  contextOf,
  foreign,
  home,
  listOf,
  meets,
  published,
  target,
} from '../../../support/rigs/push-rig.ts';
import { type AnswerParts, answer, outcomeOf, Told } from '../../../support/rigs/wire-rig.ts';

const ours = published.digest;
const old = before.digest as Digest;
const theirs = foreign.digest as Digest;

/** The manifest that each read of `latest` shows; the last one for ever. `404`: there is none. */
type Views = readonly ('ours' | 'old' | 'theirs' | '404')[];
const digests = { ours, old, theirs, 404: undefined } as const;

interface Rig {
  readonly registry: MemoryRegistry;
  readonly told: Told;
  verify(tag?: Partial<PushedTag>): ReturnType<typeof verifyTags>;
}

const guards = { check: async () => undefined, newer: async () => undefined };

async function verifyTags(tags: readonly PushedTag[], context: RunContext) {
  const ledger = new TagLedger([], 'one', context);
  for (const tag of tags) ledger.set(tag, ours, 'moved');
  const services = { ...context, guards, ledger, otherJobs: 'refuse' } as const;
  const [list] = await verifyLists([{ ...listOf(published, tags), tags }], services);
  assert(list);
  return list;
}

function pushedTag(tag: string): PushedTag {
  return { ...target(tag), wanted: ours, previous: old, state: 'moved', proof: 'digest' };
}

/** A registry that holds ours as `latest`; reads of the tag show what `sees` lists. */
function rig(sees: Views, ...troubles: readonly Trouble[]): Rig {
  const registry = new MemoryRegistry();
  const told = new Told();
  registry.hold(home, before);
  registry.hold(home, foreign);
  registry.hold(home, { ...before, bytes: Buffer.from(published.bytes), digest: ours }, 'latest');
  let reads = 0;
  for (const trouble of troubles) registry.trouble(trouble);
  registry.trouble((request, proceed) => {
    if (!meets(request, 'GET', 'latest')) return undefined;
    registry.setTag(home, 'latest', digests[sees[Math.min(reads, sees.length - 1)] ?? 'ours']);
    reads += 1;
    return proceed();
  });
  const context = contextOf(registry, told);
  const verify: Rig['verify'] = (tag) => {
    return verifyTags([{ ...pushedTag('latest'), ...tag }], context);
  };
  return { registry, told, verify };
}

interface Case {
  readonly name: string;
  readonly in: Views;
  readonly tag?: Partial<PushedTag>;
  readonly out: { readonly outcome: string; readonly writes?: number; readonly warnings?: RegExp };
}

const forever = 60;
const stale: Views = Array(forever).fill('old');

const table: readonly Case[] = [
  { name: 'ours at once', in: ['ours'], out: { outcome: ours } },
  { name: 'the old manifest, then ours', in: ['old', 'old', 'old', 'ours'], out: { outcome: ours } },
  {
    name: 'nothing, then ours',
    in: ['404', '404', 'ours'],
    tag: { previous: undefined },
    out: { outcome: ours },
  },
  {
    name: 'nothing where there was an old manifest, then ours',
    in: ['404', 'old', '404', 'ours'],
    out: { outcome: ours },
  },
  {
    name: 'a third manifest from a replica far behind, then ours',
    in: ['theirs', 'theirs', 'old', 'ours'],
    out: { outcome: ours },
  },
  {
    name: 'the old manifest for ever, although ours is served by digest',
    in: stale,
    out: { outcome: 'NOT_SERVED' },
  },
  {
    name: 'nothing for ever',
    in: ['404'],
    tag: { previous: undefined, state: 'created' },
    out: { outcome: 'NOT_SERVED' },
  },
  {
    name: 'the old manifest, then nothing for ever',
    in: ['old', 'old', '404'],
    out: { outcome: 'NOT_SERVED' },
  },
  {
    name: 'what may be the old manifest, because the tag could not be read, then ours',
    in: [...Array(6).fill('theirs'), 'ours'],
    tag: { previous: undefined, state: 'moved' },
    out: { outcome: ours },
  },
  {
    name: 'the old manifest until the last read, at the deadline',
    in: [...Array(10).fill('old'), 'ours'],
    out: { outcome: ours },
  },
  { name: 'another run’s manifest for good', in: ['theirs'], out: { outcome: 'OVERTAKEN' } },
  {
    name: 'another run’s manifest after the old one',
    in: ['old', 'old', 'theirs'],
    out: { outcome: 'OVERTAKEN' },
  },
  {
    name: 'another run’s manifest at a new tag',
    in: ['theirs'],
    tag: { previous: undefined, state: 'created' },
    out: { outcome: 'OVERTAKEN' },
  },
  {
    name: 'another run’s manifest at an unchanged tag',
    in: ['theirs'],
    tag: { previous: ours, state: 'unchanged' },
    out: { outcome: 'OVERTAKEN' },
  },
];

for (const { name, in: sees, tag, out } of table) {
  test(`verify: ${name}`, async () => {
    const { registry, told, verify } = rig(sees);
    const outcome = await outcomeOf(verify(tag));
    assert.equal('served' in outcome ? outcome.served.digest : outcome.code, out.outcome);
    if ('served' in outcome) assert.equal(outcome.state, 'read');
    assert.equal(registry.writes.length, out.writes ?? 0);
    assert.equal(told.warnings.length, out.warnings === undefined ? 0 : 1);
    if (out.warnings !== undefined) assert.match(told.warnings[0] ?? '', out.warnings);
  });
}

test('verify: NOT_SERVED names the tag and both digests', async () => {
  await assert.rejects(rig(stale).verify(), (error) => {
    assert(error instanceof VerifyError);
    for (const part of ['ghcr.io/acme/app:latest', old, ours]) assert(error.message.includes(part));
    return true;
  });
});

test('verify: OVERTAKEN names the tag, both digests and the remedy', async () => {
  await assert.rejects(rig(['theirs']).verify(), (error: VerifyError) => {
    for (const part of ['ghcr.io/acme/app:latest', ours, theirs]) assert(error.message.includes(part));
    assert.match(error.hint ?? '', /concurrency/);
    return true;
  });
});

test('verify: reports another run’s push within seconds, a stale tag only after half a minute', async () => {
  const overtaken = rig(['theirs']);
  const behind = rig(stale);
  for (const [{ registry, verify }, least, most] of [
    [overtaken, 2000, 5000],
    [behind, 25_000, 30_000],
  ] as const) {
    const started = registry.clock.time;
    await outcomeOf(verify());
    const took = registry.clock.time - started;
    assert(took >= least && took <= most, `${took} ms`);
  }
});

/** Answers reads of the tag with this status. */
const reads = (status: number, parts: AnswerParts = {}): Trouble => {
  return (request) =>
    meets(request, 'GET', 'latest') ? answer(status, { ...parts, url: request.url.href }) : undefined;
};

const unreadable: readonly {
  name: string;
  in: Trouble;
  out: readonly [confirmed: string, accepted: string];
}[] = [
  { name: '403', in: reads(403), out: ['confirmed', 'DENIED'] },
  { name: '503 for good', in: reads(503), out: ['UNAVAILABLE', 'UNAVAILABLE'] },
  {
    name: '429 for an hour',
    in: reads(429, { headers: { 'retry-after': '3600' } }),
    out: ['confirmed', 'RATE_LIMITED'],
  },
  {
    name: 'something that is not a manifest, for good',
    in: reads(200, { body: Buffer.from('{"hello":"world"}') }),
    out: ['BAD_MANIFEST', 'BAD_MANIFEST'],
  },
  {
    name: 'bytes that do not match the digest',
    in: reads(200, { body: before.bytes, headers: { 'docker-content-digest': ours } }),
    out: ['CORRUPTED', 'CORRUPTED'],
  },
];

for (const { name, in: trouble, out } of unreadable) {
  test(`verify: ${name} after a push that named our digest is ${out[0]}; after a bare 201 ${out[1]}`, async () => {
    for (const [at, proof] of (['digest', 'status'] as const).entries()) {
      const { told, verify } = rig(['ours'], trouble);
      const outcome = await outcomeOf(verify({ proof }));
      assert.equal('state' in outcome ? outcome.state : outcome.code, out[at]);
      assert.equal(told.warnings.length, out[at] === 'confirmed' ? 1 : 0);
    }
  });
}

test('verify: returns what the registry served, not what was pushed', async () => {
  const { verify } = rig(['ours']);
  const { served } = await verify();
  assert.notEqual(served, published);
  assert.deepEqual(Buffer.from(served.bytes), Buffer.from(published.bytes));
});

test('verify: reads every tag; one that is wrong fails all, and the others are listed', async () => {
  const { registry, told } = rig(['ours']);
  registry.setTag(home, 'other', theirs);
  const tags = ['latest', 'other'].map(pushedTag);
  await assert.rejects(verifyTags(tags, contextOf(registry, told)), (error: VerifyError) => {
    assert.equal(error.code, 'OVERTAKEN');
    const [first, ...rest] = error.message.split('\n');
    assert.match(first ?? '', /app:other was set to/);
    assert.deepEqual(rest, [
      'The other tags stay as they are:',
      `ghcr.io/acme/app:latest: moved, holds ${ours}`,
    ]);
    return true;
  });
});
