import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TagLedger } from '../../../../src/pipeline/ledger.ts';
import type { PushedTag } from '../../../../src/pipeline/tag.ts';
import { pushTags } from '../../../../src/pipeline/tags/push.ts';
import type { ActionError } from '../../../../src/run/errors.ts';
import { makeImage } from '../../../support/images/images.ts';
import { MemoryRegistry, manifestOf, type Trouble } from '../../../support/rigs/memory-registry.ts';
import {
  before,
  breaks,
  contextOf,
  home,
  ledgerOf,
  listOf,
  meets,
  type PushRig,
  published,
  pushRig,
  refuses,
  setTags,
  target,
} from '../../../support/rigs/push-rig.ts';
import { answer, outcomeOf } from '../../../support/rigs/wire-rig.ts';

const ours = published.digest;
const old = before.digest;

const push = async ({ list, context }: PushRig): Promise<readonly PushedTag[]> => {
  const pushed = await pushTags([list], context);
  return pushed.flatMap(({ tags }) => tags);
};
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
    name: 'tags that cannot be written at once are written one by one',
    in: [['a', 'b', 'c'], refuses('PUT', 'b', 409, { times: 1 })],
    out: {
      states: [`a moved ${old}`, `b moved ${old}`, `c moved ${old}`],
      writes: [put(ours), put('a'), put('b'), put('c'), put('b')],
    },
  },
  {
    name: 'a response that is lost for good is not a failure when the tag holds ours',
    in: [['latest'], breaks('PUT', 'latest', 'after'), refuses('HEAD', 'latest', 405)],
    out: { states: [`latest moved ${old}`], writes: Array(6).fill(put('latest')) },
  },
  {
    name: 'waits for children that appear late',
    in: [['latest'], refuses('PUT', 'latest', 400, { code: 'MANIFEST_BLOB_UNKNOWN', times: 3 })],
    out: { states: [`latest moved ${old}`], writes: Array(4).fill(put('latest')) },
  },
  {
    name: 'waits for children that appear late by digest, too',
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
    assert.equal(setTags(rig).length, tags.length);
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
  const context = contextOf(registry, rig.told);
  const ledger = await ledgerOf(tags.map(target), context);
  return { ...rig, registry, context: { ...rig.context, ...context, ledger } };
}

test('push: a tag that already holds ours is not written', async () => {
  const rig = await holdingOurs(['latest'], ['latest']);
  assert.deepEqual(await states(rig), [`latest unchanged ${ours}`]);
  assert.deepEqual([rig.registry.writes, setTags(rig)], [[], []]);
  assert.deepEqual(rig.told.infos, [`${home}:latest already holds ${ours}`]);
});

test('push: where every tag already holds ours, nothing is written by digest either', async () => {
  const rig = await holdingOurs(['a', 'b'], ['a', 'b']);
  assert.deepEqual(await states(rig), [`a unchanged ${ours}`, `b unchanged ${ours}`]);
  assert.deepEqual(rig.registry.writes, []);
});

test('push: puts by digest without waiting for reads of tags that are under way', async () => {
  const rig = await pushRig(['a', 'b']);
  let respond = (): void => undefined;
  const gate = new Promise<void>((open) => {
    respond = open;
  });
  rig.registry.trouble(async (request) => {
    if (request.method === 'HEAD') await gate;
    return undefined;
  });
  const ledger = new TagLedger(['a', 'b'].map(target), 'one', rig.context);
  const pushing = push({ ...rig, context: { ...rig.context, ledger } });
  while (rig.registry.writes.length === 0) await new Promise((turn) => setImmediate(turn));
  assert.deepEqual(rig.registry.writes, [put(ours)]);
  respond();
  await pushing;
  assert.deepEqual(rig.registry.writes, [put(ours), put('a'), put('b')]);
});

test('push: only tags that hold something else are written', async () => {
  const rig = await holdingOurs(['a', 'b'], ['a']);
  assert.deepEqual(await states(rig), [`a unchanged ${ours}`, `b moved ${old}`]);
  assert.deepEqual(rig.registry.writes, [put(ours), put('b')]);
});

for (const status of [400, 403, 405, 409, 412, 422]) {
  test(`push: an immutable tag (${status}) that holds ours, but could not be read before, is unchanged`, async () => {
    let looks = 0;
    const blind: Trouble = (request) => {
      if (!meets(request, 'HEAD', 'v1') && !meets(request, 'GET', 'v1')) return undefined;
      looks += 1;
      return looks <= 2 ? answer(403, { url: request.url.href }) : undefined;
    };
    const rig = await holdingOurs(['v1'], ['v1'], blind, refuses('PUT', 'v1', status));
    assert.deepEqual(await states(rig), [`v1 unchanged ${ours}`]);
    assert.deepEqual(setTags(rig), []);
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

for (const status of [400, 405, 412, 422]) {
  test(`push: a list (${status}) that is refused under an existing tag is not called immutable`, async () => {
    const rig = await pushRig(['v1'], refuses('PUT', 'v1', status, { code: 'MANIFEST_INVALID' }));
    await assert.rejects(push(rig), (error: ActionError) => {
      assert.equal(error.code, 'REFUSED');
      assert.doesNotMatch(`${error.message} ${error.hint}`, /immutable/);
      return true;
    });
    assert.equal(rig.registry.tag(home, 'v1'), old);
  });
}

const hopeless: readonly { name: string; in: Trouble; out: { code: string; writes: number } }[] = [
  { name: 'a denial', in: refuses('PUT', 'bad', 403), out: { code: 'DENIED', writes: 1 } },
  { name: 'a refused size', in: refuses('PUT', 'bad', 413), out: { code: 'TOO_LARGE', writes: 1 } },
  { name: 'a broken connection', in: breaks('PUT', 'bad', 'before'), out: { code: 'CONNECTION', writes: 6 } },
];

for (const { name, in: trouble, out } of hopeless) {
  test(`push: ${name} is not retried alone`, async () => {
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
  test(`push: the failure of a single tag is thrown unchanged: ${name}`, async () => {
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

test('push: a tag that could not be read because the registry failed is not moved', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, before, 'latest');
  registry.trouble((request) =>
    request.method === 'PUT' ? undefined : answer(503, { url: request.url.href }),
  );
  const rig = await pushRig(['latest']);
  const context = contextOf(registry);
  const ledger = new TagLedger([target('latest')], 'one', context);
  const blind = { ...rig, context: { ...rig.context, ...context, ledger } };
  await assert.rejects(push(blind), { code: 'UNAVAILABLE' });
  assert.deepEqual(registry.writes, []);
});

/** Two lists of one repository, with a tag that exists and a new one each. */
async function twoLists(...troubles: readonly Trouble[]) {
  const rig = await pushRig(['a', '+a-new', 'b', '+b-new'], ...troubles);
  const other = manifestOf(makeImage('linux/amd64', { name: 'other' }));
  const lists = [listOf(published, ['a', 'a-new'].map(target)), listOf(other, ['b', 'b-new'].map(target))];
  return { ...rig, other, pushing: () => pushTags(lists, rig.context) };
}

test('push: of several lists, all go by digest first, then all tags that exist, then all new ones', async () => {
  const { pushing, registry, other } = await twoLists();
  const pushed = await pushing();
  assert.deepEqual(
    pushed.map(({ manifest, tags }) => [manifest.digest, ...tags.map(({ tag, state }) => `${tag} ${state}`)]),
    [
      [ours, 'a moved', 'a-new created'],
      [other.digest, 'b moved', 'b-new created'],
    ],
  );
  const writes = [ours, other.digest, 'a', 'b', 'a-new', 'b-new'].map(put);
  assert.deepEqual(registry.writes, writes);
});

test('push: a tag of one list that cannot be set takes back those of all lists', async () => {
  const { pushing, registry } = await twoLists(refuses('PUT', 'b', 403));
  await assert.rejects(pushing(), (error: ActionError) => {
    const says = [
      /^3 of 4 tags/,
      /:a: put back/,
      /a-new: not changed/,
      /:b: not changed/,
      /b-new: not changed/,
    ];
    for (const [at, line] of error.message.split('\n').entries()) assert.match(line, says[at] ?? /^$/);
    return true;
  });
  assert.deepEqual(
    ['a', 'a-new', 'b', 'b-new'].map((tag) => registry.tag(home, tag)),
    [old, undefined, old, undefined],
  );
});

test('push: lists that are the same go by digest once', async () => {
  const { context, registry } = await pushRig(['a', 'b']);
  const lists = ['a', 'b'].map((tag) => listOf(published, [target(tag)]));
  await pushTags(lists, context);
  assert.deepEqual(registry.writes, [ours, 'a', 'b'].map(put));
});

test('push: writes exactly the bytes of the manifest', async () => {
  const rig = await pushRig(['latest', '+v1']);
  await push(rig);
  const read = await rig.context.client.getManifest(target('v1').repository, 'v1');
  assert.deepEqual(Buffer.from(read.bytes), Buffer.from(published.bytes));
  assert.equal(read.digest, manifestOf({ ...before, bytes: Buffer.from(published.bytes) }).digest);
});
