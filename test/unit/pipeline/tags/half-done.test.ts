import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../../src/oci/digest.ts';
import type { PushedTag } from '../../../../src/pipeline/tag.ts';
import { pushTags } from '../../../../src/pipeline/tags/push.ts';
import { ActionError } from '../../../../src/run/errors.ts';
import type { MemoryRegistry, Trouble } from '../../../support/rigs/memory-registry.ts';
import {
  before,
  breaks,
  foreign,
  home,
  meets,
  type PushRig,
  published,
  pushRig,
  refuses,
} from '../../../support/rigs/push-rig.ts';
import { answer } from '../../../support/rigs/wire-rig.ts';

const ours = published.digest;
const old = before.digest;
const theirs = foreign.digest as Digest;

const push = async ({ list, context }: PushRig): Promise<readonly PushedTag[]> => {
  const pushed = await pushTags([list], context);
  return pushed.flatMap(({ tags }) => tags);
};

interface FailCase {
  readonly name: string;
  readonly in: readonly [tags: readonly string[], ...troubles: readonly Trouble[]];
  /** The error's line for each tag, what each tag holds in the end, and how many are not set (default 1). */
  readonly out: {
    readonly says: readonly RegExp[];
    readonly holds: readonly (string | undefined)[];
    readonly unset?: number;
  };
}

/** Moves a tag, as another run would, as soon as another tag is refused. */
const someoneElse = (registryOf: () => MemoryRegistry, tag: string, digest: Digest | undefined): Trouble => {
  return (request) => {
    if (request.method === 'PUT' && request.url.pathname.endsWith('/bad'))
      registryOf().setTag(home, tag, digest);
    return undefined;
  };
};

const half: readonly FailCase[] = [
  {
    name: 'tags that were moved go back',
    in: [['a', 'b', 'bad'], refuses('PUT', 'bad', 400, { code: 'TAG_INVALID' })],
    out: {
      says: [
        /app:a: put back, holds sha256:/,
        /app:b: put back, holds sha256:/,
        /app:bad: not changed: .*refuses to move/,
      ],
      holds: [old, old, old],
    },
  },
  {
    name: 'new tags, which cannot be removed again, go last',
    in: [['+a', 'b', 'bad'], refuses('PUT', 'bad', 403)],
    out: {
      says: [
        /app:a: not changed: other tags could not be set/,
        /app:b: put back/,
        /app:bad: not changed: ghcr.io denied/,
      ],
      holds: [undefined, old, old],
      unset: 2,
    },
  },
  {
    name: 'tags that were created stay',
    in: [['a', '+b', '+bad'], refuses('PUT', 'bad', 403)],
    out: {
      says: [
        /app:a: put back/,
        new RegExp(`app:b: created, holds ${ours}`),
        /app:bad: not changed: ghcr.io denied/,
      ],
      holds: [old, ours, undefined],
    },
  },
  {
    name: 'a tag that cannot be put back is reported',
    in: [['a', 'bad'], refuses('PUT', 'bad', 400), refuses('GET', old, 403)],
    out: {
      says: [/app:a: moved, holds sha256:\w+: could not be put back to .*denied/, /app:bad: not changed/],
      holds: [ours, old],
    },
  },
  {
    name: 'a tag that cannot be read again is left as it is and reported',
    in: [['a', 'bad'], refuses('PUT', 'bad', 400), refuses('HEAD', 'a', 403), refuses('GET', 'a', 403)],
    out: {
      says: [/app:a: moved, holds sha256:\w+: could not be put back to .*denied/, /app:bad: not changed/],
      holds: [ours, old],
    },
  },
  {
    name: 'a broken connection does not show what the registry did; the tag is read',
    in: [['a', 'bad'], breaks('PUT', 'bad', 'before')],
    out: { says: [/app:a: put back/, /app:bad: not changed: bad broke, tried 6 times/], holds: [old, old] },
  },
  {
    name: 'a tag that was moved despite an error goes back',
    in: [['a', 'bad'], breaks('PUT', 'bad', 'after', 6), breaks('HEAD', 'bad', 'before', 11)],
    out: { says: [/app:a: put back/, /app:bad: put back, holds sha256:/], holds: [old, old] },
  },
  {
    name: 'a tag that was created despite an error stays',
    in: [['a', '+bad'], breaks('PUT', 'bad', 'after', 6), breaks('HEAD', 'bad', 'before', 11)],
    out: {
      says: [/app:a: put back/, /app:bad: created, holds sha256:\w+: despite the error: bad broke/],
      holds: [old, ours],
    },
  },
  {
    name: 'a tag that was moved despite an error and cannot go back is reported',
    in: [
      ['a', 'bad'],
      breaks('PUT', 'bad', 'after'),
      breaks('HEAD', 'bad', 'before', 11),
      refuses('GET', old, 403),
    ],
    out: {
      says: [
        /app:a: moved, holds/,
        /app:bad: moved, holds sha256:\w+: despite the error bad broke.*; could not be put back to sha256:\w+: ghcr.io denied/,
      ],
      holds: [ours, ours],
    },
  },
  {
    name: 'a tag that may have been moved is reported as such',
    in: [
      ['a', 'bad'],
      breaks('PUT', 'bad', 'after'),
      breaks('HEAD', 'bad', 'before'),
      breaks('GET', 'bad', 'before'),
    ],
    out: {
      says: [/app:a: put back/, /app:bad: unknown: may have been moved: bad broke/],
      holds: [old, ours],
    },
  },
];

for (const { name, in: input, out } of half) {
  test(`half done: ${name}`, async () => {
    const [tags, ...troubles] = input;
    const rig = await pushRig(tags, ...troubles);
    await assertHalfDone(rig, out.says, out.unset);
    assert.deepEqual(
      tags.map((tag) => rig.registry.tag(home, tag.replace('+', ''))),
      out.holds,
    );
  });
}

async function assertHalfDone(rig: PushRig, says: readonly RegExp[], unset = 1): Promise<void> {
  await assert.rejects(push(rig), (error: ActionError) => {
    assert(error instanceof ActionError);
    assert.equal(error.code, 'TAGS_FAILED');
    const [headline, ...lines] = error.message.split('\n');
    assert.equal(headline, `${unset} of ${says.length} tags could not be set:`);
    for (const [at, pattern] of says.entries()) assert.match(lines[at] ?? '', pattern);
    assert.equal(lines.length, says.length);
    assert.notEqual(error.cause, undefined);
    return true;
  });
}

test('half done: a tag that someone else has moved since is not put back', async () => {
  const rig: PushRig = await pushRig(
    ['a', 'bad'],
    someoneElse(() => rig.registry, 'a', theirs),
    refuses('PUT', 'bad', 400),
  );
  // The other run's push comes between our write of `a` and the end.
  await assertHalfDone(rig, [
    new RegExp(`app:a: overtaken, holds ${theirs}: something else pushed it`),
    /app:bad: not changed/,
  ]);
  assert.equal(rig.registry.tag(home, 'a'), theirs);
});

test('half done: a tag that someone else has removed since is not put back', async () => {
  const rig: PushRig = await pushRig(
    ['a', 'bad'],
    someoneElse(() => rig.registry, 'a', undefined),
    refuses('PUT', 'bad', 400),
  );
  await assertHalfDone(rig, [
    /app:a: overtaken: it is gone, something else removed it/,
    /app:bad: not changed/,
  ]);
});

test('half done: a moved tag that still shows its old digest is put back, since the response may be stale', async () => {
  const stale: Trouble = (request) =>
    meets(request, 'HEAD', 'a') ? answer(200, { headers: { 'docker-content-digest': old } }) : undefined;
  const rig = await pushRig(['a', 'bad'], stale, refuses('PUT', 'bad', 400));
  await assertHalfDone(rig, [/app:a: put back/, /app:bad/]);
  assert.equal(rig.registry.tag(home, 'a'), old);
});

test('half done: tags go back one after the other', async () => {
  let writing = 0;
  const single: Trouble = async (request) => {
    const goesBack =
      request.method === 'PUT' &&
      request.body !== undefined &&
      Buffer.compare(request.body as Uint8Array, before.bytes) === 0;
    if (!goesBack) return undefined;
    writing += 1;
    await new Promise((turn) => setImmediate(turn));
    writing -= 1;
    return writing > 0 ? answer(409, { url: request.url.href }) : undefined;
  };
  const rig = await pushRig(['a', 'b', 'c', 'bad'], single, refuses('PUT', 'bad', 400));
  await assertHalfDone(rig, [/a: put back/, /b: put back/, /c: put back/, /bad: not changed/]);
});

test('half done: a bug is thrown unchanged, after the tags have gone back', async () => {
  const bug: Trouble = (request) => {
    if (meets(request, 'PUT', 'bad')) throw new RangeError('a bug');
    return undefined;
  };
  const rig = await pushRig(['a', 'bad'], bug);
  await assert.rejects(push(rig), RangeError);
  assert.equal(rig.registry.tag(home, 'a'), old);
});
