/** `platform-mismatch: warn`: what was said wins over an image's config that is wrong. */
import assert from 'node:assert/strict';
import { describe, makeImage, makeIndex } from '../../../support/images/images.ts';
import type { Files } from '../../../support/run/run-directory.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf, warningsOf } from '../../evidence.ts';

/** An image for arm64 that was built with the config of amd64. */
const image = makeImage('linux/amd64', { name: 'cross-built' });
const arm64 = { architecture: 'arm64', os: 'linux' };

interface Said {
  readonly sources: string;
  readonly home?: Files;
}

/** Every way to say a platform, of an image whose config says another. */
const ways: Readonly<Record<string, (t: Scenario) => Promise<Said>>> = {
  'a line': async (t) => ({ sources: `${t.ref('app:built')} linux/arm64` }),
  'keys of a line': async (t) => ({ sources: `${t.ref('app:built')} arch=arm64` }),
  'a descriptor': async () => ({ sources: JSON.stringify({ ...describe(image), platform: arm64 }) }),
  'an entry of a list': async (t) => {
    await t.push('app:list', makeIndex([{ content: image, platform: arm64 }]));
    return { sources: `${t.ref('app:list')}\n${t.ref('app:riscv64')}` };
  },
  'a draft': async (t) => {
    const Ref = `${t.ref('app:built')}`;
    const draft = {
      Ref,
      Descriptor: { ...describe(image), platform: arm64 },
      Raw: image.bytes.toString('base64'),
      OCIManifest: image.document,
    };
    const name = (reference: string): string => reference.replaceAll('/', '_').replaceAll(':', '-');
    const path = `.docker/manifests/${name(t.ref('app:1'))}/${name(Ref)}`;
    return {
      sources: `docker-manifest:${t.ref('app:1')}`,
      home: { [path]: JSON.stringify(draft) },
    };
  },
};

for (const [name, say] of Object.entries(ways)) {
  scenario(`${name} that contradicts the config names the input that lets it pass`, {}, async (t) => {
    await t.push('app:built', image);
    await t.push('app:riscv64', makeImage('linux/riscv64'));
    const { sources, home } = await say(t);
    const run = await t.publish({ tags: t.ref('app:1'), sources }, { ...(home && { home }) });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(
      errorOf(run).join('\n'),
      /linux\/arm64.*linux\/amd64.*\[PLATFORM_MISMATCH\].*platform-mismatch/s,
    );
  });

  scenario(`${name} wins with platform-mismatch: warn`, {}, async (t) => {
    await t.push('app:built', image);
    await t.push('app:riscv64', makeImage('linux/riscv64'));
    const { sources, home } = await say(t);
    const inputs = { tags: t.ref('app:1'), sources, 'platform-mismatch': 'warn' };
    const run = await t.publish(inputs, { ...(home && { home }) });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(entriesOf(run)[0]?.platform, arm64);
    const warnings = warningsOf(run).filter((text) => /linux\/arm64.*linux\/amd64/.test(text));
    assert.equal(warnings.length, 1, run.stdout);
  });
}

scenario('a variant that the config contradicts is also taken', {}, async (t) => {
  await t.push('app:built', makeImage('linux/arm/v7'));
  const sources = `${t.ref('app:built')} linux/arm/v6`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, 'platform-mismatch': 'warn' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['platforms'], 'linux/arm/v6');
});

scenario('a platform that is what the config says needs no warning', {}, async (t) => {
  await t.push('app:built', makeImage('linux/arm64'));
  const sources = `${t.ref('app:built')} linux/arm64/v8`;
  const run = await t.publish({ tags: t.ref('app:1'), sources, 'platform-mismatch': 'warn' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(warningsOf(run), []);
});

scenario('platform-mismatch with another word', {}, async (t) => {
  const run = await t.publish({
    tags: t.ref('app:1'),
    sources: t.ref('app:2'),
    'platform-mismatch': 'ignore',
  });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /platform-mismatch: .*error.*warn/s);
});
