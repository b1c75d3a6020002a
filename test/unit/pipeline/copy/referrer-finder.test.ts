import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../../../src/oci/digest.ts';
import { flattened } from '../../../../src/pipeline/copy/content.ts';
import { ReferrerFinder, type Referrers } from '../../../../src/pipeline/copy/referrer-finder.ts';
import { digestTags, referrersTag } from '../../../../src/registry/referrers.ts';
import { ActionError } from '../../../../src/run/errors.ts';
import { registryStore } from '../../../../src/sources/resolve/registry-store.ts';
import { makeArtifact, makeImage, makeIndex, type TestContent } from '../../../support/images/images.ts';
import { clientOf, MemoryRegistry, manifestOf, repositoryOf } from '../../../support/rigs/memory-registry.ts';
import { Told } from '../../../support/rigs/wire-rig.ts';

const home = 'ghcr.io/acme/app';
const repository = repositoryOf(home);
const subject = makeImage('linux/amd64');
const digest = subject.digest as Digest;

/** A registry without the referrers API whose tag lists these. */
function listing(...referrers: readonly TestContent[]): MemoryRegistry {
  const registry = new MemoryRegistry();
  const entries = referrers.map((content) => ({ content, platform: null }));
  registry.hold(home, makeIndex(entries), referrersTag(digest));
  return registry;
}

function find(registry: MemoryRegistry): Promise<Referrers> {
  const client = clientOf(registry);
  const { now, sleep } = registry.clock;
  const store = registryStore(client, repository, { wait: 0, clock: { now, sleep } });
  const finder = new ReferrerFinder(client, new Told());
  return finder.find({ manifest: manifestOf(subject), store, label: 'linux/amd64', children: [] });
}

/** Lists one inside the other, each naming the next so many times; the outermost refers to the subject. */
function nest(depth: number, times: number): TestContent {
  let content = makeImage('linux/arm64');
  for (let level = 1; level <= depth; level += 1) {
    const entries = Array.from({ length: times }, () => ({ content, platform: null }));
    content = makeIndex(entries, level === depth ? { subject } : {});
  }
  return content;
}

function readsOf({ requests }: MemoryRegistry): readonly string[] {
  return requests.filter((text) => /^GET .*\/manifests\/sha256:/.test(text));
}

test('a manifest that a referrer lists many times is read once', async () => {
  const registry = listing(nest(4, 3));
  const { referrers } = await find(registry);
  assert.equal(flattened(referrers).length, 5);
  assert.equal(readsOf(registry).length, 5);
});

test('a referrer that is listed many times is found once', async () => {
  const signature = makeArtifact({ artifactType: 'application/x', subject });
  const { referrers } = await find(listing(signature, signature));
  assert.deepEqual(
    referrers.map(({ manifest }) => manifest.digest),
    [signature.digest],
  );
});

/** An artifact whose descriptor claims a larger size. */
function large(name: string): TestContent {
  const content = makeArtifact({ artifactType: `application/${name}`, subject });
  return { ...content, size: 3 * 1024 * 1024 };
}

const many = Array.from({ length: 1001 }, (_, at) => makeArtifact({ artifactType: `application/x${at}` }));

const refused: readonly { name: string; in: MemoryRegistry; code: string; says: RegExp }[] = [
  {
    name: 'lists five deep',
    in: listing(nest(5, 1)),
    code: 'INDEX_TOO_DEEP',
    says: /the referrer tree of linux\/amd64 in ghcr\.io\/acme\/app has indexes nested more than 4 deep/,
  },
  {
    name: 'more than a thousand referrers',
    in: listing(...many),
    code: 'SOURCE_TOO_LARGE',
    says: /the referrer tree of linux\/amd64 in ghcr\.io\/acme\/app has more than 1000 entries, or more than 8\.4 MB/,
  },
  {
    name: 'referrers of 9 MiB together',
    in: listing(large('a'), large('b'), large('c')),
    code: 'SOURCE_TOO_LARGE',
    says: /the referrer tree of linux\/amd64/,
  },
  {
    name: 'few referrers that list more than a thousand',
    in: listing(nest(1, 600), makeIndex(many.slice(0, 600), { subject })),
    code: 'SOURCE_TOO_LARGE',
    says: /the referrer tree of linux\/amd64/,
  },
];

for (const { name, in: registry, code, says } of refused) {
  test(`${name} are refused`, async () => {
    await assert.rejects(find(registry), (error: unknown) => {
      assert(error instanceof ActionError);
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.match(error.hint ?? '', /set `copy-referrers: false`/);
      return true;
    });
    assert(readsOf(registry).length < 20);
  });
}

test('a list is not what cosign attached to an image, and nothing that it lists is read', async () => {
  const registry = listing();
  const [signatures = ''] = digestTags(digest);
  registry.hold(home, nest(1, 1001), signatures);
  assert.deepEqual((await find(registry)).tagged, []);
  assert(readsOf(registry).length < 20);
});
