import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pushTags, readPreviousTags } from '../../../src/pipeline/push.ts';
import type { PushedTag } from '../../../src/pipeline/tag-outcome.ts';
import type { ActionError } from '../../../src/run/errors.ts';
import { answer, outcomeOf } from '../http/wire-rig.ts';
import { clientOf, MemoryRegistry, manifestOf, type Trouble } from '../registry/memory-registry.ts';
import {
  before,
  breaks,
  home,
  meets,
  type PushRig,
  published,
  pushRig,
  refuses,
  target,
} from './push-rig.ts';

const ours = published.digest;
const old = before.digest;

const push = ({ targets, parts }: PushRig): Promise<readonly PushedTag[]> =>
  pushTags(published, targets, parts);
const put = (name: string): string => `PUT /v2/acme/app/manifests/${name}`;

async function states(rig: PushRig): Promise<readonly string[]> {
  return (await push(rig)).map(({ tag, state, previous }) => `${tag} ${state} ${previous ?? '-'}`);
}

interface Case {
  readonly name: string;
  readonly in: readonly [tags: readonly string[], ...troubles: readonly Trouble[]];
  readonly out: {
    readonly states: readonly string[];
    readonly writes: readonly string[];
    readonly set?: number;
  };
}

const good: readonly Case[] = [
  {
    name: 'one tag is one PUT',
    in: [['latest']],
    out: { states: [`latest moved ${old}`], writes: [put('latest')] },
  },
  { name: 'a new tag', in: [['+v1']], out: { states: ['v1 created -'], writes: [put('v1')] } },
  {
    name: 'several tags: by digest first',
    in: [['latest', '+v1']],
    out: { states: [`latest moved ${old}`, 'v1 created -'], writes: [put(ours), put('latest'), put('v1')] },
  },
  {
    name: 'several repositories: by digest into each first',
    in: [['latest', '+ghcr.io/acme/other:v1']],
    out: {
      states: [`latest moved ${old}`, 'v1 created -'],
      writes: [
        put(ours),
        `PUT /v2/acme/other/manifests/${ours}`,
        put('latest'),
        'PUT /v2/acme/other/manifests/v1',
      ],
    },
  },
  {
    name: 'a refusal to write several tags at once is answered by writing them one by one',
    in: [['a', 'b', 'c'], refuses('PUT', 'b', 409, { times: 1 })],
    out: {
      states: [`a moved ${old}`, `b moved ${old}`, `c moved ${old}`],
      writes: [put(ours), put('a'), put('b'), put('c'), put('b')],
    },
  },
  {
    name: 'an answer that got lost for good is no failure when the tag holds ours',
    in: [['latest'], breaks('PUT', 'latest', 'after'), refuses('HEAD', 'latest', 405)],
    out: { states: [`latest moved ${old}`], writes: Array(6).fill(put('latest')) },
  },
  {
    name: 'children that show late are waited for',
    in: [['latest'], refuses('PUT', 'latest', 400, { code: 'MANIFEST_BLOB_UNKNOWN', times: 3 })],
    out: { states: [`latest moved ${old}`], writes: Array(4).fill(put('latest')) },
  },
  {
    name: 'children that show late are waited for by digest, too',
    in: [['a', 'b'], refuses('PUT', ours, 404, { code: 'MANIFEST_UNKNOWN', times: 2 })],
    out: {
      states: [`a moved ${old}`, `b moved ${old}`],
      writes: [put(ours), put(ours), put(ours), put('a'), put('b')],
    },
  },
];

for (const { name, in: input, out } of good) {
  test(`push: ${name}`, async () => {
    const [tags, ...troubles] = input;
    const rig = await pushRig(tags, ...troubles);
    assert.deepEqual(await states(rig), out.states);
    assert.deepEqual(rig.registry.writes, out.writes);
    assert.equal(rig.set.length, tags.length);
  });
}

async function holdingOurs(
  tags: readonly string[],
  ours_: readonly string[],
  ...troubles: readonly Trouble[]
) {
  const registry = new MemoryRegistry();
  for (const tag of tags) registry.hold(home, before, tag);
  registry.hold(home, { ...before, bytes: Buffer.from(published.bytes), digest: ours });
  for (const tag of ours_) registry.setTag(home, tag, ours);
  for (const trouble of troubles) registry.trouble(trouble);
  const rig = await pushRig(tags.map((tag) => `+${tag}`));
  const client = clientOf(registry);
  const previous = readPreviousTags(client, tags.map(target));
  await Promise.allSettled(previous.values());
  return { ...rig, registry, parts: { ...rig.parts, client, previous } };
}

test('push: a tag that holds ours already is not written', async () => {
  const rig = await holdingOurs(['latest'], ['latest']);
  assert.deepEqual(await states(rig), [`latest unchanged ${ours}`]);
  assert.deepEqual([rig.registry.writes, rig.set], [[], []]);
  assert.deepEqual(rig.told.infos, [`${home}:latest already holds ${ours}`]);
});

test('push: where every tag holds ours already, nothing is written by digest either', async () => {
  const rig = await holdingOurs(['a', 'b'], ['a', 'b']);
  assert.deepEqual(await states(rig), [`a unchanged ${ours}`, `b unchanged ${ours}`]);
  assert.deepEqual(rig.registry.writes, []);
});

test('push: of several tags only those that hold something else are written', async () => {
  const rig = await holdingOurs(['a', 'b'], ['a']);
  assert.deepEqual(await states(rig), [`a unchanged ${ours}`, `b moved ${old}`]);
  assert.deepEqual(rig.registry.writes, [put(ours), put('b')]);
});

for (const status of [400, 403, 405, 409, 412, 422]) {
  test(`push: an immutable tag (${status}) that holds ours, which nobody could see before, is unchanged`, async () => {
    let looks = 0;
    const blind: Trouble = (request) => {
      if (!meets(request, 'HEAD', 'v1') && !meets(request, 'GET', 'v1')) return undefined;
      looks += 1;
      return looks <= 2 ? answer(403, { url: request.url.href }) : undefined;
    };
    const rig = await holdingOurs(['v1'], ['v1'], blind, refuses('PUT', 'v1', status));
    assert.deepEqual(await states(rig), [`v1 unchanged ${ours}`]);
    assert.deepEqual(rig.set, []);
  });

  test(`push: an immutable tag (${status}) that holds something else is an error naming both`, async () => {
    const rig = await pushRig(['v1'], refuses('PUT', 'v1', status, { code: 'DENIED' }));
    await assert.rejects(push(rig), (error: ActionError) => {
      assert.equal(error.code, status === 403 ? 'DENIED' : 'TAG_REFUSED');
      assert(error.message.includes(old) && error.message.includes(ours), error.message);
      assert.match(error.hint ?? '', /immutable/);
      return true;
    });
    assert.equal(rig.registry.tag(home, 'v1'), old);
  });
}

const hopeless: readonly { name: string; in: Trouble; out: { code: string; writes: number } }[] = [
  { name: 'a denial', in: refuses('PUT', 'bad', 403), out: { code: 'DENIED', writes: 1 } },
  { name: 'a size that is refused', in: refuses('PUT', 'bad', 413), out: { code: 'TOO_LARGE', writes: 1 } },
  { name: 'a broken connection', in: breaks('PUT', 'bad', 'before'), out: { code: 'CONNECTION', writes: 6 } },
];

for (const { name, in: trouble, out } of hopeless) {
  test(`push: ${name} is not tried once more alone`, async () => {
    const rig = await pushRig(['a', 'bad'], trouble);
    await assert.rejects(push(rig), (error: ActionError) => {
      assert.equal((error.cause as ActionError).code, out.code);
      return true;
    });
    assert.equal(rig.registry.writes.filter((text) => text === put('bad')).length, out.writes);
  });
}

const alone: readonly { name: string; in: Trouble; out: string }[] = [
  { name: '403', in: refuses('PUT', 'latest', 403), out: 'DENIED' },
  { name: '413', in: refuses('PUT', 'latest', 413), out: 'TOO_LARGE' },
  { name: '500 for good', in: refuses('PUT', 'latest', 500), out: 'UNAVAILABLE' },
  {
    name: '404 of the repository',
    in: refuses('PUT', 'latest', 404, { code: 'NAME_UNKNOWN' }),
    out: 'NOT_FOUND',
  },
];

for (const { name, in: trouble, out } of alone) {
  test(`push: a sole tag’s failure is thrown as it is: ${name}`, async () => {
    const rig = await pushRig(['latest'], trouble);
    assert.equal(((await outcomeOf(push(rig))) as { code: string }).code, out);
    assert.equal(rig.registry.tag(home, 'latest'), old);
  });
}

test('push: when the list is refused by digest, no tag is written', async () => {
  const rig = await pushRig(['a', 'b'], refuses('PUT', ours, 403));
  await assert.rejects(push(rig), { code: 'DENIED' });
  assert.deepEqual(rig.registry.writes, [put(ours)]);
});

test('previousHeads: a refusal leaves open what a tag holds; trouble of the registry is thrown to who asks', async () => {
  const outcomes: unknown[] = [];
  for (const status of [200, 403, 404, 400, 503]) {
    const registry = new MemoryRegistry();
    registry.hold(home, before, 'latest');
    if (status !== 200) registry.trouble((request) => answer(status, { url: request.url.href }));
    const [head] = [...readPreviousTags(clientOf(registry), [target('latest')]).values()];
    assert(head !== undefined);
    const outcome = await outcomeOf(head);
    if (typeof outcome !== 'object') outcomes.push(outcome);
    else outcomes.push('digest' in outcome ? outcome.digest : outcome.code);
  }
  assert.deepEqual(outcomes, [old, 'unknown', undefined, 'unknown', 'UNAVAILABLE']);
});

test('push: a tag that could not be looked at for trouble of the registry is not moved', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, before, 'latest');
  registry.trouble((request) =>
    request.method === 'PUT' ? undefined : answer(503, { url: request.url.href }),
  );
  const rig = await pushRig(['latest']);
  const client = clientOf(registry);
  const previous = readPreviousTags(client, [target('latest')]);
  await assert.rejects(push({ ...rig, parts: { ...rig.parts, client, previous } }), { code: 'UNAVAILABLE' });
  assert.deepEqual(registry.writes, []);
});

test('push: the bytes written are the manifest’s own', async () => {
  const rig = await pushRig(['latest', '+v1']);
  await push(rig);
  const read = await rig.parts.client.getManifest(target('v1').repository, 'v1');
  assert.deepEqual(Buffer.from(read.bytes), Buffer.from(published.bytes));
  assert.equal(read.digest, manifestOf({ ...before, bytes: Buffer.from(published.bytes) }).digest);
});
