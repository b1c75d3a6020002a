import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { ociIndex } from '../../../src/oci/media-types.ts';
import {
  addToReferrersTag,
  digestTags,
  listReferrers,
  referrerDescriptor,
  referrersTag,
} from '../../../src/registry/referrers.ts';
import { type Finding, joined } from '../../../src/run/finding.ts';
import { makeArtifact, makeImage, makeIndex } from '../../support/images/images.ts';
import { clientOf, MemoryRegistry, manifestOf, repositoryOf } from '../../support/rigs/memory-registry.ts';
import { type AnswerParts, answer, outcomeOf } from '../../support/rigs/wire-rig.ts';

const home = 'ghcr.io/acme/app';
const repository = repositoryOf(home);
const content = makeImage('linux/amd64');
const subject = content.digest as Digest;
const tag = referrersTag(subject);

function entry(name: string): Descriptor {
  return {
    mediaType: ociIndex,
    digest: digestOf(Buffer.from(name)),
    size: 10,
    artifactType: `application/${name}`,
  };
}

function page(entries: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: entries });
}

type Page = AnswerParts & { readonly status?: number };

/** A registry with a referrers API that answers these pages by their query; others are 404. */
function withApi(pages: Readonly<Record<string, Page>>): MemoryRegistry {
  const registry = new MemoryRegistry();
  registry.trouble(({ url }) => {
    if (!url.pathname.includes('/referrers/')) return undefined;
    const { status = 200, ...parts } = pages[url.search] ?? { status: 404 };
    const headers = { 'content-type': ociIndex, ...parts.headers };
    return answer(status, { ...parts, headers, url: url.href });
  });
  return registry;
}

async function namesOf(registry: MemoryRegistry): Promise<readonly unknown[]> {
  const found = await listReferrers(clientOf(registry), repository, subject);
  return found.map(({ artifactType }) => artifactType);
}

test('the tag that lists referrers is the digest, cut as the specification says', () => {
  assert.equal(tag, subject.replace(':', '-'));
  const long = digestOf(Buffer.from('x'), 'sha512');
  assert.equal(referrersTag(long), `sha512-${long.slice(7, 71)}`);
  assert.deepEqual(digestTags(subject), [`${tag}.sig`, `${tag}.att`, `${tag}.sbom`]);
  assert.deepEqual(digestTags(long), []);
});

test('pages are followed by their links', async () => {
  const registry = withApi({
    '': { body: page([entry('a')]), headers: { link: '</v2/acme/app/referrers/x?n=2>; rel="next"' } },
    '?n=2': {
      body: page([entry('b')]),
      headers: { link: '<https://ghcr.io/v2/x/referrers/y?n=3>; rel=next' },
    },
    '?n=3': { body: page([entry('c')]) },
  });
  assert.deepEqual(await namesOf(registry), ['application/a', 'application/b', 'application/c']);
});

for (const link of [
  '<https://evil.example/v2/x/referrers/y?n=2>; rel="next"',
  '<http://ghcr.io/v2/x/referrers/y?n=2>; rel="next"',
  '</v2/acme/app/referrers/x?n=2>; rel="last"',
  'next',
  '<http://[>; rel="next"',
  '<'.repeat(100_000),
]) {
  test(`the link ${link.slice(0, 60)} ends the list`, async () => {
    const registry = withApi({ '': { body: page([entry('a')]), headers: { link } } });
    assert.deepEqual(await namesOf(registry), ['application/a']);
  });
}

test('a list that leads in circles ends', async () => {
  const link = '</v2/acme/app/referrers/x>; rel="next"';
  const registry = withApi({ '': { body: page([]), headers: { link } } });
  const lost: Finding[] = [];
  const lose = (finding: Finding) => void lost.push(finding);
  assert.deepEqual(await listReferrers(clientOf(registry), repository, subject, lose), []);
  assert.equal(registry.requests.length, 64);
  assert.match(joined(lost).join(), new RegExp(`More than 64 pages of referrers: .*@${subject} stay behind`));
});

test('a list without end is refused, by its entries and by its bytes', async (t) => {
  const table = {
    entries: (at: number) => Array.from({ length: 100 }, (_, each) => entry(`${at}.${each}`)),
    bytes: (at: number) => [{ ...entry(`${at}`), annotations: { note: 'x'.repeat(2 ** 21) } }],
  };
  for (const [name, entriesOn] of Object.entries(table)) {
    await t.test(name, async () => {
      const registry = new MemoryRegistry();
      registry.trouble(({ url }) => {
        const at = registry.requests.length;
        const headers = { 'content-type': ociIndex, link: `<?n=${at}>; rel="next"` };
        return answer(200, { body: page(entriesOn(at)), headers, url: url.href });
      });
      const outcome = await outcomeOf(listReferrers(clientOf(registry), repository, subject));
      assert.deepEqual(outcome, { class: 'RegistryError', code: 'SOURCE_TOO_LARGE' });
      assert(registry.requests.length <= 11);
    });
  }
});

const withoutApi: readonly Page[] = [
  ...[404, 400, 405, 410].map((status) => ({ status })),
  { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } },
];

for (const refusal of withoutApi) {
  test(`a registry that answers ${refusal.status} has a tag instead of the API`, async () => {
    const registry = withApi({ '': refusal });
    const artifact = makeArtifact({ artifactType: 'application/a', subject: content });
    registry.hold(home, makeIndex([{ content: artifact, platform: null }]), tag);
    const found = await listReferrers(clientOf(registry), repository, subject);
    assert.deepEqual(
      found.map(({ digest }) => digest),
      [artifact.digest],
    );
  });
}

test('without a tag and an API there are no referrers', async () => {
  assert.deepEqual(await namesOf(new MemoryRegistry()), []);
});

test('a tag that holds an image, or the subject itself, lists nothing', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, makeImage('linux/arm64'), tag);
  assert.deepEqual(await namesOf(registry), []);
  const index = makeIndex([content]);
  const itself = index.digest as Digest;
  registry.hold(home, index, referrersTag(itself));
  assert.deepEqual(await listReferrers(clientOf(registry), repository, itself), []);
});

for (const [status, body, code] of [
  [500, '', 'UNAVAILABLE'],
  [200, '{"schemaVersion":2,"manifests":[{}]}', 'BAD_MANIFEST'],
  [200, '{"schemaVersion":2,"manif', 'BAD_MANIFEST'],
] as const) {
  test(`a list that is answered with ${status} ${body} is an error, not an empty list`, async () => {
    const registry = withApi({ '': { status, body } });
    const outcome = await outcomeOf(listReferrers(clientOf(registry), repository, subject));
    assert.deepEqual(outcome, { class: 'RegistryError', code });
  });
}

test('the tag is made, added to, and left alone when it lists them already', async () => {
  const registry = new MemoryRegistry();
  const client = clientOf(registry);
  const add = (referrers: readonly Descriptor[]) => addToReferrersTag(client, repository, subject, referrers);
  assert.equal(await add([entry('a')]), 'listed');
  assert.equal(await add([entry('b'), entry('a')]), 'listed');
  assert.deepEqual(await namesOf(registry), ['application/a', 'application/b']);
  const writes = registry.writes.length;
  assert.equal(await add([entry('a')]), 'listed');
  assert.equal(registry.writes.length, writes);
});

test('what the tag says of its entries and of itself stays', async () => {
  const registry = new MemoryRegistry();
  const artifact = makeArtifact({ artifactType: 'application/a', subject: content });
  const fields = { artifactType: 'application/a', 'x-unknown': [1] };
  const index = makeIndex([{ content: artifact, platform: null, fields }], { annotations: { kept: 'yes' } });
  registry.hold(home, index, tag);
  const client = clientOf(registry);
  await addToReferrersTag(client, repository, subject, [entry('b')]);
  const held = await client.getManifest(repository, tag);
  assert.ok(held.content.kind === 'index');
  assert.deepEqual(held.content.annotations, { kept: 'yes' });
  assert.deepEqual(held.content.manifests[0]?.['x-unknown'], [1]);
});

test('a tag that someone overwrites is written again, and given up with a word', async () => {
  const registry = new MemoryRegistry();
  let overwrites = 1;
  registry.trouble(({ method, url }, proceed) => {
    if (method !== 'PUT') return undefined;
    const written = proceed();
    if (overwrites > 0) registry.hold(home, makeIndex([]), url.pathname.split('/').at(-1));
    overwrites -= 1;
    return written;
  });
  const add = () => addToReferrersTag(clientOf(registry), repository, subject, [entry('a')]);
  assert.equal(await add(), 'listed');
  registry.setTag(home, tag, undefined);
  overwrites = 100;
  assert.equal(await add(), 'overwritten');
});

test('a tag that holds something else is left alone', async () => {
  const registry = new MemoryRegistry();
  registry.hold(home, makeImage('linux/arm64'), tag);
  const outcome = await addToReferrersTag(clientOf(registry), repository, subject, [entry('a')]);
  assert.equal(outcome, 'occupied');
  assert.deepEqual(registry.writes, []);
});

test('a referrer is described by its type and annotations', () => {
  const typed = makeArtifact({ artifactType: 'application/a', subject: content, annotations: { by: 'us' } });
  assert.deepEqual(referrerDescriptor(manifestOf(typed)), {
    mediaType: typed.mediaType,
    digest: typed.digest,
    size: typed.size,
    annotations: { by: 'us' },
    artifactType: 'application/a',
  });
  const older = makeArtifact({ artifactType: 'application/b', subject: content, typeInConfig: true });
  assert.equal(referrerDescriptor(manifestOf(older))['artifactType'], 'application/b');
  assert.equal(referrerDescriptor(manifestOf(makeIndex([content])))['artifactType'], undefined);
});
