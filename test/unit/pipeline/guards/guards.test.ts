import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor } from '../../../../src/oci/descriptor.ts';
import { Guards } from '../../../../src/pipeline/guards/guards.ts';
import type { AssembledList } from '../../../../src/pipeline/list.ts';
import type { Member } from '../../../../src/pipeline/member.ts';
import type { ListRequest } from '../../../../src/pipeline/request.ts';
import { parseTagGlob } from '../../../../src/policy/tag-glob.ts';
import type { ActionError } from '../../../../src/run/errors.ts';
import { makeArtifact, makeImage, makeIndex, type TestContent } from '../../../support/images/images.ts';
import { MemoryRegistry, manifestOf, type Trouble } from '../../../support/rigs/memory-registry.ts';
import { contextOf, home, ledgerOf, refuses, target } from '../../../support/rigs/push-rig.ts';
import { Told } from '../../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const armv6 = makeImage('linux/arm/v6');
const armv7 = makeImage('linux/arm/v7');
const chart = makeArtifact({ artifactType: 'application/vnd.cncf.helm.config.v1+json', typeInConfig: true });
const ours = makeIndex([amd64, armv6]);

interface Situation {
  /** What `latest` holds. */
  readonly held?: TestContent;
  readonly publishes?: TestContent;
  readonly level?: ListRequest['removedPlatforms'];
  readonly immutable?: string;
  readonly troubles?: readonly Trouble[];
}

/** Guards in front of a list for `latest` and a tag that is new. */
async function guarded({ held, publishes = ours, level = 'error', immutable, troubles = [] }: Situation) {
  const registry = new MemoryRegistry();
  if (held !== undefined) registry.hold(home, held, 'latest');
  for (const trouble of troubles) registry.trouble(trouble);
  const told = new Told();
  const context = contextOf(registry, told);
  const tags = ['latest', 'new'].map(target);
  const ledger = await ledgerOf(tags, context);
  const immutableTags = immutable === undefined ? [] : [parseTagGlob(immutable)];
  const request = {
    tags,
    removedPlatforms: level,
    immutableTags,
    forwardOnlyTags: [],
  } as unknown as ListRequest;
  const guards = new Guards(context);
  guards.prefetch([request], ledger);
  const manifest = manifestOf(publishes);
  const descriptor = {
    ...manifest,
    platform: { os: 'linux', architecture: 'amd64' },
  } as unknown as Descriptor;
  const list = { request, manifest, members: [{ descriptor } as Member] } as unknown as AssembledList;
  return { guards, list, ledger, told, registry };
}

const refusals: readonly { readonly name: string; readonly in: Situation; readonly out: string | RegExp }[] =
  [
    { name: 'no tag yet', in: {}, out: 'passes' },
    { name: 'the same list', in: { held: ours }, out: 'passes' },
    { name: 'fewer platforms before', in: { held: makeIndex([amd64]) }, out: 'passes' },
    {
      name: 'a platform that goes, with its fallback',
      in: { held: makeIndex([amd64, armv7]) },
      out: /^PLATFORM_REMOVED .* from ghcr\.io\/acme\/app:latest today: linux\/arm\/v7 \(its clients get linux\/arm\/v6 instead\)\. It has linux\/amd64, linux\/arm\/v6\. ghcr\.io\/acme\/app:latest holds sha256:\w+ \(read when the run started\)$/,
    },
    {
      name: 'a platform that goes without one',
      in: { held: makeIndex([amd64, makeImage('linux/s390x')]) },
      out: /linux\/s390x \(its clients get nothing\)/,
    },
    { name: 'an image that is in the list', in: { held: amd64 }, out: 'passes' },
    {
      name: 'another image of a platform in the list',
      in: { held: makeImage('linux/amd64', { name: 'x' }) },
      out: 'passes',
    },
    { name: 'an image whose platform goes', in: { held: armv7 }, out: /today: linux\/arm\/v7/ },
    {
      name: 'a single image in place of a list',
      in: { held: ours, publishes: amd64 },
      out: /today: linux\/arm\/v6 .* It has linux\/amd64\. ghcr\.io\/acme\/app:latest holds sha256:\w+ \(read when the run started\)$/,
    },
    {
      name: 'the same images beside a chart without platform',
      in: { held: makeIndex([amd64, armv6, { content: chart, platform: null }]) },
      out: 'passes',
    },
    {
      name: 'a list of lists',
      in: { held: makeIndex([makeIndex([amd64])]) },
      out: /^PREVIOUS_UNREADABLE .*: it lists another list$/,
    },
    {
      name: 'a tag that may not be read',
      in: {
        held: ours,
        publishes: amd64,
        troubles: [refuses('HEAD', 'latest', 403), refuses('GET', 'latest', 403)],
      },
      out: /^PREVIOUS_UNREADABLE .*the registry denied the read$/,
    },
    {
      name: 'a list that may not be read',
      in: { held: makeIndex([armv7]), troubles: [refuses('GET', makeIndex([armv7]).digest, 403)] },
      out: /^PREVIOUS_UNREADABLE .*denied/,
    },
    { name: 'an immutable tag that is new', in: { immutable: '*' }, out: 'passes' },
    { name: 'an immutable tag that keeps its list', in: { held: ours, immutable: '*' }, out: 'passes' },
    {
      name: 'an immutable tag that would move, and platforms that would go',
      in: { held: makeIndex([armv7]), immutable: 'lat*' },
      out: /^TAG_IMMUTABLE .*latest holds sha256:\w+ \(read when the run started\), and immutable-tags \(lat\*\) does not let it move to sha256:\w+\nThe new list lacks/,
    },
    {
      name: 'an immutable tag that may not be read',
      in: {
        held: ours,
        level: 'allow',
        immutable: 'latest',
        troubles: [refuses('HEAD', 'latest', 403), refuses('GET', 'latest', 403)],
      },
      out: /^TAG_IMMUTABLE .*latest is immutable, and the registry does not let this login read whether it exists$/,
    },
    {
      name: 'a tag that is not immutable',
      in: { held: armv7, level: 'allow', immutable: 'v*' },
      out: 'passes',
    },
  ];

for (const { name, in: situation, out } of refusals) {
  test(`guards: ${name}`, async () => {
    const { guards, list, ledger, told } = await guarded(situation);
    const { code, message } = await guards.check([list], ledger).then(
      () => ({ code: 'passes', message: '' }),
      (error: ActionError) => error,
    );
    if (typeof out === 'string') assert.equal(code, out, message);
    else assert.match(`${code} ${message}`, out);
    assert.deepEqual(told.warnings, []);
  });
}

for (const [name, situation, hint] of [
  ['cannot be compared', { held: makeIndex([makeIndex([amd64])]) }, /^Publish another tag if .* Or set `rem/],
  [
    'may not be read',
    {
      held: ours,
      publishes: amd64,
      troubles: ['HEAD', 'GET'].map((method) => refuses(method, 'latest', 403)),
    },
    /^Give the job `permissions: packages: .*removed-platforms: warn/,
  ],
] satisfies [string, Situation, RegExp][]) {
  test(`guards: the hint about a tag that ${name}`, async () => {
    const { guards, list, ledger } = await guarded(situation);
    await assert.rejects(guards.check([list], ledger), (error: ActionError) => {
      assert.equal(error.code, 'PREVIOUS_UNREADABLE');
      assert.match(error.hint ?? '', hint);
      return true;
    });
  });
}

test('guards: a chart is told, and no permission spoken of', async () => {
  const held = makeArtifact({ artifactType: 'application/vnd.cncf.helm.config.v1+json', typeInConfig: true });
  for (const situation of [{ held }, { held, level: 'warn' }] as const) {
    const { guards, list, ledger, told } = await guarded(situation);
    await guards.check([list], ledger);
    await guards.warn([list], ledger);
    assert.match(
      told.warnings.join('\n'),
      /^\S+latest held a Helm chart, which the list replaces\. If it .*$/,
    );
    assert.doesNotMatch(told.warnings.join(), /permission|login|packages:/);
  }
});

test('guards: under warn nothing is refused, and everything is told', async () => {
  for (const [held, said] of [
    [
      makeIndex([amd64, armv7]),
      /lacks platforms .*\. If that is intended, set removed-platforms to "allow"\.$/,
    ],
    [
      makeArtifact({ artifactType: 'application/vnd.example' }),
      /held an artifact of .*, which the list replaces\. .* `immutable-tags`\.$/,
    ],
  ] as const) {
    const { guards, list, ledger, told } = await guarded({ held, level: 'warn' });
    await guards.check([list], ledger);
    assert.deepEqual(told.warnings, []);
    await guards.warn([list], ledger);
    assert.equal(told.warnings.length, 1);
    assert.match(told.warnings[0] ?? '', said);
  }
});

test('guards: what the first tag that moves served', async () => {
  const held = makeIndex([amd64, armv7]);
  const cases = [
    { situation: { held }, out: ['latest', held.digest, 2] },
    { situation: { held: ours }, out: undefined },
    { situation: {}, out: undefined },
    { situation: { held, level: 'allow' }, out: undefined },
    { situation: { held: makeIndex([makeIndex([amd64])]) }, out: undefined },
  ] as const;
  for (const { situation, out } of cases) {
    const { guards, list, ledger } = await guarded(situation);
    const before = await guards.replacedList(list, ledger);
    assert.deepEqual(before && [before.tag, before.digest, before.entries.length], out);
  }
});

test('guards: with allow nothing is read but the tags', async () => {
  const { guards, list, ledger, registry } = await guarded({ held: armv7, level: 'allow' });
  await guards.check([list], ledger);
  await guards.warn([list], ledger);
  assert.ok(registry.requests.every((request) => request.startsWith('HEAD')));
});

test('guards: a bug while an old list is read is thrown', async () => {
  const bug: Trouble = (request) => {
    if (request.method === 'GET') throw new RangeError('a bug');
    return undefined;
  };
  const { guards, list, ledger } = await guarded({ held: armv7, troubles: [bug] });
  await assert.rejects(guards.check([list], ledger), RangeError);
});
