/** A signature is of one digest: a signed list that is published changed is no longer signed, and the step says so. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { RegistryHandle } from '../../support/registry/registry-handle.ts';
import type { ActionInputs } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { everywhere, warningsOf } from '../evidence.ts';

const list = makeIndex(['linux/amd64', 'linux/arm64'].map((platform) => makeImage(platform)));
const cosignTag = `${list.digest.replace(':', '-')}.sig`;

function referrer(artifactType: string): TestContent {
  return makeArtifact({ artifactType, subject: list });
}

const signatures: Readonly<Record<string, readonly [name: string, content: TestContent]>> = {
  'cosign by tag': [`:${cosignTag}`, makeArtifact({ artifactType: 'application/vnd.example' })],
  'a sigstore bundle': ['', referrer('application/vnd.dev.sigstore.bundle.v0.3+json')],
  'cosign as a referrer': ['', referrer('application/vnd.dev.cosign.artifact.sig.v1+json')],
  notation: ['', referrer('application/vnd.cncf.notary.signature')],
};

const changes: Readonly<Record<string, ActionInputs>> = {
  annotations: { annotations: 'org.example.note=x' },
  platforms: { platforms: 'linux/amd64' },
  format: { format: 'docker' },
  'a dry run': { annotations: 'org.example.note=x', push: 'false' },
};

const says =
  /signed:1 is signed, but its signature is not valid for the published list \(sha256:\w+ → sha256:\w+\)/;

function signed(registry: RegistryHandle, t: Scenario, way: string): Promise<unknown> {
  const [name, content] = signatures[way] ?? ['', list];
  return t.push(`signed${name}`, content, registry);
}

function voids(warnings: readonly string[]): readonly string[] {
  return warnings.filter((warning) => says.test(warning));
}

for (const place of ['signed', 'copy'])
  for (const [change, inputs] of Object.entries(changes))
    scenario(`${change} in ${place === 'copy' ? 'another' : 'its own'} repository`, {}, async (t) => {
      for (const way of Object.keys(signatures)) {
        await t.push('signed:1', list);
        await signed(t.registry, t, way);
        const run = await t.publish({ tags: t.ref(`${place}:2`), sources: t.ref('signed:1'), ...inputs });
        assert.equal(run.exitCode, 0, run.stdout);
        assert.equal(voids(warningsOf(run)).length, 1, `${way}: ${run.stdout}`);
      }
    });

scenario('the signature of a list on a real registry', everywhere, async (t) => {
  await t.push('signed:1', list);
  await signed(t.registry, t, 'cosign by tag');
  const inputs = { tags: t.ref('signed:2'), sources: t.ref('signed:1') };
  const whole = await t.publish(inputs);
  assert.deepEqual(warningsOf(whole), []);
  const run = await t.publish({ ...inputs, platforms: 'linux/arm64', 'removed-platforms': 'allow' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(voids(warningsOf(run)).length, 1, run.stdout);
});

scenario('the signature of a list with lists inside', {}, async (t) => {
  const nested = makeIndex([{ content: list }]);
  await t.push('signed:1', nested);
  await t.push(
    'signed',
    makeArtifact({ artifactType: 'application/vnd.cncf.notary.signature', subject: nested }),
  );
  const run = await t.publish({ tags: t.ref('signed:2'), sources: t.ref('signed:1') });
  const [, warning = ''] = warningsOf(run);
  assert.match(
    warning,
    /published list \(\S+ → \S+\): the lists inside it are flattened\. Sign the published list\.$/,
  );
});

/** What a run asks about signatures. */
function looks(registry: TestRegistry): readonly string[] {
  const paths = registry.wire.map(({ method, path }) => `${method} ${path}`);
  return paths.filter((path) => /\/referrers\/|\/sha256-/.test(path));
}

const silent: Readonly<Record<string, ActionInputs>> = {
  'an unchanged list': {},
  'copy-referrers: false': { annotations: 'org.example.note=x', 'copy-referrers': 'false' },
  'two sources': { sources: '~/signed:1\n~/signed:s390x' },
  'one image': { sources: '~/signed:s390x', annotations: 'org.example.note=x' },
  'an amended list': { amend: 'true' },
};

for (const [name, inputs] of Object.entries(silent))
  scenario(`${name}: no look for signatures`, {}, async (t) => {
    await t.push('signed:1', list);
    await t.push('signed:s390x', makeImage('linux/s390x'));
    await signed(t.registry, t, 'cosign by tag');
    await t.push('signed:2', makeIndex([makeImage('linux/riscv64')]));
    const here = (text: string): string => text.replaceAll('~/', `${t.registry.host}/`);
    const sources = here(inputs['sources'] ?? '~/signed:1');
    const earlier = looks(t.registry).length;
    const run = await t.publish({
      tags: t.ref('signed:2'),
      'removed-platforms': 'allow',
      ...inputs,
      sources,
    });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(looks(t.registry).slice(earlier), []);
    assert.deepEqual(voids(warningsOf(run)), []);
  });

scenario('a changed list costs one look, and a look that fails costs nothing', {}, async (t) => {
  await t.push('signed:1', list);
  const inputs = { tags: t.ref('signed:2'), sources: t.ref('signed:1'), annotations: 'org.example.note=x' };
  const run = await t.publish(inputs);
  assert.deepEqual(warningsOf(run), []);
  assert.deepEqual(looks(t.registry).toSorted(), [
    `GET /v2/signed/referrers/${list.digest}`,
    `HEAD /v2/signed/manifests/${cosignTag}`,
  ]);
  t.registry.inject({ on: { path: /\/referrers\//, times: 99 }, fault: 'status', status: 403 });
  t.registry.inject({ on: { path: /\.sig$/, times: 99 }, fault: 'status', status: 500 });
  const failed = await t.publish({ ...inputs, tags: t.ref('signed:3') });
  assert.equal(failed.exitCode, 0, failed.stdout);
  assert.deepEqual(warningsOf(failed), []);
  assert.match(failed.stdout, /Could not look for signatures of \S+signed:1/);
});
