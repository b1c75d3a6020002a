import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { describe as descriptorOf, makeImage } from '../../../support/images/images.ts';
import { assertRefused, byDigest, fakeContext, resolveText } from '../../../support/rigs/resolve-rig.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

async function contextWith(test: TestContext, document: unknown, repository?: null) {
  const directory = temporaryDirectory(test);
  await writeFile(
    join(directory, 'm.json'),
    typeof document === 'string' ? document : JSON.stringify(document),
  );
  return fakeContext({
    directory,
    served: byDigest(amd64, arm64),
    ...(repository === null && { repository }),
  });
}

describe('metadata:FILE', () => {
  const build = {
    'buildx.build.ref': 'builder/builder0/x',
    'buildx.build.provenance': { a: { B: 1, b: 2 } },
  };
  const cases = [
    [
      'of docker/build-push-action',
      {
        ...build,
        'containerimage.digest': amd64.digest,
        'containerimage.descriptor': descriptorOf(amd64),
        'image.name': 'docker.io/acme/app:1',
      },
      [['m.json', `docker.io/acme/app@${amd64.digest}`]],
    ],
    [
      'with several names: the targets’ own is preferred',
      { 'containerimage.digest': amd64.digest, 'image.name': 'acme/app:1, ghcr.io/acme/app:1' },
      [['m.json', `ghcr.io/acme/app@${amd64.digest}`]],
    ],
    [
      'with several names, none the targets’: the first is taken',
      { 'containerimage.digest': amd64.digest, 'image.name': 'quay.io/acme/app,acme/app' },
      [['m.json', `quay.io/acme/app@${amd64.digest}`]],
    ],
    [
      'without a name',
      { 'containerimage.digest': amd64.digest },
      [['m.json', `ghcr.io/acme/app@${amd64.digest}`]],
    ],
    [
      'with a descriptor only',
      { 'containerimage.descriptor': descriptorOf(amd64), 'image.name': '' },
      [['m.json', `ghcr.io/acme/app@${amd64.digest}`]],
    ],
    [
      'of docker/bake-action: several targets, in their order',
      {
        'buildx.build.warnings': [{ vertex: 'x' }],
        'app-arm64': {
          ...build,
          'containerimage.digest': arm64.digest,
          'image.name': 'ghcr.io/acme/app:arm64',
        },
        'app-amd64': { ...build, 'containerimage.digest': amd64.digest },
      },
      [
        ['m.json#app-arm64', `ghcr.io/acme/app@${arm64.digest}`],
        ['m.json#app-amd64', `ghcr.io/acme/app@${amd64.digest}`],
      ],
    ],
  ] as const;
  for (const [name, document, out] of cases)
    it(name, async (test) => {
      const context = await contextWith(test, document);
      const resolved = await resolveText('metadata:m.json', context);
      const found = resolved.map(({ label }, at) => [label, context.fetched[at]]);
      assert.deepEqual(found, out);
    });

  const refused = [
    ['text that is not JSON', 'digest: x', /"m\.json": the document is not JSON/],
    ['an array', [], /"m\.json": the metadata is an array/],
    ['nothing', {}, /"m\.json" has no image/],
    ['a build without image', build, /"m\.json" has no image/],
    ['a target without image', { lint: build }, /"m\.json#lint" has no containerimage\.digest/],
    ['a target that is none', { lint: 'x' }, /"m\.json#lint": the target is a string/],
    [
      'a broken digest',
      { 'containerimage.digest': 'sha256:x' },
      /"m\.json": digest "\*\*\*" has 1 character/,
    ],
    [
      'a broken name',
      { 'containerimage.digest': amd64.digest, 'image.name': 'A:1' },
      /"m\.json": image\.name contains "\*\*\*"/,
    ],
    ['the same target twice', '{"a":{},"a":{}}', /has the key "\*\*\*" twice/],
  ] as const;
  for (const [name, document, message] of refused)
    it(`refuses ${name}`, async (test) => {
      const context = await contextWith(test, document);
      await assertRefused(resolveText('metadata:m.json', context), 'SOURCE_METADATA', message);
      assert.deepEqual(context.fetched, []);
    });

  for (const [mayLogIn, login] of [
    [true, 'a login may be sent to it'],
    [false, 'no login is sent to it'],
  ] as const)
    it(`warns about every strange registry before anything is read: ${login}`, async (test) => {
      const strange = {
        one: { 'containerimage.digest': amd64.digest, 'image.name': 'quay.io/acme/app' },
        two: { 'containerimage.digest': arm64.digest, 'image.name': 'ghcr.io/other/app' },
        three: { 'containerimage.digest': amd64.digest, 'image.name': 'ghcr.io/other/db' },
      };
      const context = await contextWith(test, strange);
      const seen: number[] = [];
      const fetch: typeof context.fetch = (...given) => {
        seen.push(context.observer.warnings.length);
        return context.fetch(...given);
      };
      await resolveText('metadata:m.json', { ...context, fetch, mayLogIn: async () => mayLogIn });
      assert.deepEqual(seen, [2, 2, 2]);
      assert.deepEqual(context.observer.warnings, [
        `Not in the repository of any tag: "m.json#one" in quay.io/acme/app: check that it is the metadata of this build. None of the tags is in quay.io; ${login}`,
        'Not in the repository of any tag: "m.json#two" in ghcr.io/other/app, "m.json#three" in ghcr.io/other/db: check that it is the metadata of this build',
      ]);
    });

  it('refuses a missing file', async (test) => {
    const context = await contextWith(test, {});
    await assertRefused(resolveText('metadata:n.json', context), 'SOURCE_FILE', /"n\.json" does not exist/);
  });

  it('needs targets in one repository where no name is given', async (test) => {
    const context = await contextWith(test, { 'containerimage.digest': amd64.digest }, null);
    await assertRefused(resolveText('metadata:m.json', context), 'SOURCE_REPOSITORY', /has no repository/);
  });
});
