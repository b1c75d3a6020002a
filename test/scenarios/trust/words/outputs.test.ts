/** The outputs that later steps and jobs use. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { rows } from '../../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('name, images and published', { registries: 2 }, async (t) => {
  const [one, other] = t.registries;
  await t.push('app:amd64', amd64, one);
  const repositories = [t.ref('app', one), t.ref('mirror', one), t.ref('app', other)];
  const tags = repositories.flatMap((name) => [`${name}:1`, `${name}:latest`]).join('\n');
  const run = await t.publish({ tags, sources: t.ref('app:amd64', one) });
  assert.equal(run.exitCode, 0, run.stdout);
  const { digest = '' } = run.outputs;
  assert.equal(run.outputs['name'], repositories[0]);
  assert.equal(run.outputs['image'], `${repositories[0]}@${digest}`);
  assert.equal(run.outputs['images'], repositories.map((name) => `${name}@${digest}`).join('\n'));
  assert.equal(run.outputs['published'], 'true');
});

scenario('each platform is named once', {}, async (t) => {
  const versions = ['10.0.17763.6659', '10.0.20348.2966'].map((version) =>
    makeImage({ os: 'windows', architecture: 'amd64', 'os.version': version }),
  );
  await t.push('app:built', makeIndex([...versions, amd64, arm64], { attestations: true }));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
  assert.equal(run.outputs['platforms'], 'windows/amd64,linux/amd64,linux/arm64', run.stdout);
});

const images = ['amd64', 'arm64', 'riscv64', 's390x'].map((architecture) =>
  makeImage({ os: 'linux', architecture }),
);
/** As the artifact recipe leaves them: empty files whose names are digests, in no order that means anything. */
const digests = Object.fromEntries(images.map(({ digest }) => [`digests/${digest.slice(7)}`, '']));

for (const order of [
  'linux/s390x,linux/amd64,linux/riscv64,linux/arm64',
  'linux/amd64,linux/arm64,linux/riscv64,linux/s390x',
]) {
  scenario(`digests: follow platforms, ${order}`, {}, async (t) => {
    for (const image of images) await t.push('app', image);
    const inputs = { tags: t.ref('app:1'), sources: 'digests:digests', platforms: order };
    const run = await t.publish(inputs, { workspace: digests });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.outputs['platforms'], order);
  });
}

scenario('digests: between other lines follow platforms among themselves', {}, async (t) => {
  // Lines keep their places: the user put them there. Only what came out of one directory has no order of its own.
  for (const image of images) await t.push('app', image);
  await t.push('app:first', makeImage('linux/ppc64le'));
  const platforms = 'linux/s390x,linux/ppc64le,linux/riscv64,linux/arm64,linux/amd64';
  const inputs = { tags: t.ref('app:1'), sources: `${t.ref('app:first')}\ndigests:digests`, platforms };
  const run = await t.publish(inputs, { workspace: digests });
  assert.equal(
    run.outputs['platforms'],
    'linux/ppc64le,linux/s390x,linux/riscv64,linux/arm64,linux/amd64',
    run.stdout,
  );
});

rows({
  'digests: with one that no platform asks for': {
    held: Object.fromEntries(images.map((image, at) => [`app:image-${at}`, image])),
    sources: 'digests:digests',
    inputs: { platforms: 'linux/amd64' },
    options: { workspace: digests },
    fails: /\[PLATFORM_UNWANTED\]/,
  },
});

const guide = readFileSync(new URL('../../../../docs/MIGRATING.md', import.meta.url), 'utf8');
const flat = guide.replaceAll(/\s+/g, ' ');

test('docs/MIGRATING.md: --append is the tag itself as the first source', () => {
  assert.match(guide, /\| `--append` \|[^|\n]*\btag\b[^|\n]*\bfirst\b[^|\n]*\|/);
  assert.doesNotMatch(guide, /\| `--append` \| not available/);
});

test('docs/MIGRATING.md: a table for those who come from manifest-tool', () => {
  assert.match(guide, /^## Coming from manifest-tool$/m);
  const [, section = ''] = guide.split(/^## Coming from manifest-tool$/m);
  for (const word of ['--platforms', '--template', '--target', 'from-spec', '--ignore-missing', '--tags'])
    assert.ok(section.includes(word), word);
});

test('docs/MIGRATING.md: what manifest: annotations do', () => {
  assert.match(flat, /`manifest:`[^.]*(?:list|index)[^.]*\./);
  assert.match(flat, /`manifest:`[^.]*(?:image|manifest)s?[^.]*(?:unchanged|untouched|not changed|stay)/);
});

scenario('--append: the tag itself as the first source keeps what it holds', {}, async (t) => {
  await t.push('app:1', makeIndex([amd64]));
  await t.push('app:arm64', arm64);
  const run = await t.publish({ tags: t.ref('app:1'), sources: `${t.ref('app:1')}\n${t.ref('app:arm64')}` });
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64', run.stdout);
});
