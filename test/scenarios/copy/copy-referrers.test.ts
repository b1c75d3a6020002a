/** The referrers of an image are copied with it. */
import assert from 'node:assert/strict';
import {
  describe,
  makeArtifact,
  makeImage,
  makeIndex,
  type TestContent,
} from '../../support/images/images.ts';
import { type DescriptorDocument, manifestTypes } from '../../support/images/manifest-document.ts';
import { startRegistry, type TestRegistry } from '../../support/registry/registry.ts';
import type { RegistryOptions } from '../../support/registry/registry-options.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { errorOf, warningsOf } from '../evidence.ts';
import { assertHolds, assertRefused, bothOf, requestsOf } from './copy-cases.ts';

const image = makeImage('linux/amd64');
const signature = makeArtifact({
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  subject: image,
  annotations: { 'org.example.signed': 'by us' },
});
const countersignature = makeArtifact({
  artifactType: 'application/vnd.example.counter',
  subject: signature,
});

/** The tag that lists a content's referrers where there is no API for it. */
function listTag(content: TestContent): string {
  return content.digest.replace(':', '-');
}

function publish(t: Scenario<TestRegistry>, inputs: Record<string, string> = {}): Promise<ActionRun> {
  const [from, to] = bothOf(t);
  return t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1', from), ...inputs });
}

function listed(registry: TestRegistry, content: TestContent): readonly DescriptorDocument[] {
  return registry.manifest('app', listTag(content))?.document.manifests ?? [];
}

scenario('signatures go along, and what signs the signatures', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  for (const each of [signature, countersignature]) await t.push('staging', each, from);
  await t.push('staging:1', image, from);
  const run = await publish(t);
  assert.equal(run.exitCode, 0, run.stdout);
  for (const each of [image, signature, countersignature]) assertHolds(to, 'app', each);
  assert.deepEqual(Object.keys(to.tags('app')), ['1']);
  assert.match(run.stdout, /Copied to \S+ in total: 3 manifests, 2 of them referrers, /);
});

const noApi: RegistryOptions = { referrers: false };

scenario(
  'where there is no API, tags list the referrers on both sides',
  { registries: 2, registry: noApi },
  async (t) => {
    const [from, to] = bothOf(t);
    await t.push('staging:1', image, from);
    await t.push(`staging:${listTag(image)}`, makeIndex([{ content: signature, platform: null }]), from);
    const run = await publish(t);
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(to, 'app', signature);
    assert.deepEqual(listed(to, image), [
      {
        ...describe(signature),
        annotations: { 'org.example.signed': 'by us' },
        artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      },
    ]);
  },
);

scenario(
  'a target without the API lists them by tag and keeps what it listed',
  { registries: 1 },
  async (t) => {
    const to = await startRegistry(noApi);
    t.test.after(() => to.close());
    const own = makeArtifact({ artifactType: 'application/vnd.example.own', subject: image });
    await t.push(`app:${listTag(image)}`, makeIndex([{ content: own, platform: null }]), to);
    await t.push('staging', signature);
    await t.push('staging:1', image);
    const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1') });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(
      listed(to, image).map(({ digest }) => digest),
      [own.digest, signature.digest],
    );
  },
);

scenario(
  'a target that takes note of subjects gets no tag',
  { registries: 1, registry: noApi },
  async (t) => {
    const to = await startRegistry();
    t.test.after(() => to.close());
    await t.push('staging:1', image);
    await t.push(`staging:${listTag(image)}`, makeIndex([{ content: signature, platform: null }]));
    const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1') });
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(to, 'app', signature);
    assert.deepEqual(Object.keys(to.tags('app')), ['1']);
  },
);

scenario("cosign's tags go along", { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  const kinds = ['sig', 'att', 'sbom'].map((kind) => ({
    kind,
    artifact: makeArtifact({ artifactType: `x/${kind}` }),
  }));
  await t.push('staging:1', image, from);
  for (const { kind, artifact } of kinds) await t.push(`staging:${listTag(image)}.${kind}`, artifact, from);
  const run = await publish(t);
  assert.equal(run.exitCode, 0, run.stdout);
  for (const { kind, artifact } of kinds) {
    assertHolds(to, 'app', artifact);
    assert.equal(to.tags('app')[`${listTag(image)}.${kind}`], artifact.digest);
  }
});

scenario('copy-referrers: false leaves them and does not look', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  await t.push('staging', signature, from);
  await t.push('staging:1', image, from);
  const run = await publish(t, { 'copy-referrers': 'false' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(to.manifest('app', signature.digest), undefined);
  assert.deepEqual(requestsOf(from, 'GET', '/referrers/'), []);
  assert.deepEqual(requestsOf(from, 'HEAD', 'sha256-'), []);
});

scenario(
  'a listed artifact of another image is not copied',
  { registries: 2, registry: noApi },
  async (t) => {
    const [from, to] = bothOf(t);
    const stranger = makeArtifact({
      artifactType: 'application/vnd.example.stranger',
      subject: makeImage('linux/arm64'),
    });
    await t.push('staging:1', image, from);
    const list = makeIndex([stranger, signature].map((content) => ({ content, platform: null })));
    await t.push(`staging:${listTag(image)}`, list, from);
    assert.equal((await publish(t)).exitCode, 0);
    assertHolds(to, 'app', signature);
    assert.equal(to.manifest('app', stranger.digest), undefined);
  },
);

scenario(
  'a referrer that vanished meanwhile is no failure',
  { registries: 2, registry: noApi },
  async (t) => {
    const [from] = bothOf(t);
    await t.push('staging:1', image, from);
    await t.push(`staging:${listTag(image)}`, makeIndex([{ content: signature, platform: null }]), from);
    from.remove('staging', signature.digest);
    const run = await publish(t);
    assert.equal(run.exitCode, 0, run.stdout);
  },
);

scenario(
  'a referrer of a kind that cannot be copied is named',
  { registries: 2, registry: noApi },
  async (t) => {
    const [from] = bothOf(t);
    await t.push('staging:1', image, from);
    const mediaType = 'application/vnd.oci.artifact.manifest.v1+json';
    const list = { ...makeIndex([]).document, manifests: [{ ...describe(signature), mediaType }] };
    const planted = { bytes: JSON.stringify(list), mediaType: manifestTypes.ociIndex };
    from.plant('staging', listTag(image), planted);
    const run = await publish(t);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.match(
      warningsOf(run)[0] ?? '',
      /Not copied, because application\/vnd\.oci\.artifact\S+ is not .*: sha256:\w+ of linux\/amd64/,
    );
  },
);

scenario(
  'a referrer whose content is broken is an error, before any tag moves',
  { registries: 2 },
  async (t) => {
    const [from, to] = bothOf(t);
    await t.push('staging', signature, from);
    await t.push('staging:1', image, from);
    const [config = ''] = signature.blobs.keys();
    from.inject({ fault: 'status', status: 404, on: { path: new RegExp(config), times: 100 } });
    const run = await publish(t);
    assertRefused(run, to, 'app');
    assert.match(
      errorOf(run)[0] ?? '',
      /sigstore\.bundle\S+ of linux\/amd64 from \S+\/staging: \S+ did not find /,
    );
  },
);

scenario('a signature made after the image was copied goes along later', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  await t.push('staging:1', image, from);
  assert.equal((await publish(t)).exitCode, 0);
  await t.push('staging', signature, from);
  for (let runs = 0; runs < 2; runs += 1) {
    const run = await publish(t);
    assert.equal(run.exitCode, 0, run.stdout);
    assertHolds(to, 'app', signature);
  }
});

scenario(
  'a list of referrers that goes on at another host is not followed there',
  { registries: 3 },
  async (t) => {
    const [from] = bothOf(t);
    const stranger = t.registries[2];
    await t.push('staging:1', image, from);
    await t.push('staging', signature, from);
    const link = `<http://${from.host}//${stranger?.host}/v2/referrers/next>; rel="next"`;
    from.inject({ fault: 'headers', set: { link }, on: { path: /\/referrers\//, times: 3 } });
    const run = await publish(t);
    assert.match(warningsOf(run).join(), /does not list the referrers of images in/);
    assert.deepEqual(stranger?.wire, []);
  },
);

scenario('a list that is tagged as it is takes its own signature along', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  const index = makeIndex([image, makeImage('linux/arm64')]);
  const seal = makeArtifact({ artifactType: 'application/vnd.example.seal', subject: index });
  await t.push('staging:1', index, from);
  await t.push('staging', seal, from);
  await t.push(`staging:${listTag(index)}.sig`, makeArtifact({ artifactType: 'x/sig' }), from);
  const run = await publish(t);
  assert.equal(run.exitCode, 0, run.stdout);
  assertHolds(to, 'app', index);
  assertHolds(to, 'app', seal);
  assert.ok(`${listTag(index)}.sig` in to.tags('app'));
});

scenario('referrers beyond level 4 stay behind, with one warning', { registries: 2 }, async (t) => {
  const [from, to] = bothOf(t);
  await t.push('staging:1', image, from);
  const levels: TestContent[] = [];
  let subject = image;
  for (const level of [1, 2, 3, 4, 5]) {
    subject = makeArtifact({ artifactType: `application/vnd.example.level-${level}`, subject });
    levels.push(subject);
    await t.push('staging', subject, from);
  }
  const run = await publish(t);
  assert.equal(run.exitCode, 0, run.stdout);
  for (const level of levels.slice(0, 4)) assertHolds(to, 'app', level);
  assert.equal(to.manifest('app', subject.digest), undefined);
  assert.deepEqual(warningsOf(run), [
    `Referrers in ${from.host}/staging were not copied where they refer to a referrer at level 4: no more levels are followed`,
  ]);
});

scenario('a list of referrers that is too large says how to do without', { registries: 2 }, async (t) => {
  const [from] = bothOf(t);
  await t.push('staging:1', image, from);
  from.inject({ fault: 'endless-body', on: { path: /\/referrers\// } });
  const run = await publish(t);
  assert.match(
    errorOf(run).join(),
    /referrers of .+ \[TOO_LARGE\],.+ set `copy-referrers: false` to publish without them/,
  );
});
