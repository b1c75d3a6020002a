/** The platform of a source: read from its config, or given on its line. */
import assert from 'node:assert/strict';
import { makeArtifact, makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf, everywhere, warningsOf } from '../evidence.ts';

const windows = {
  os: 'windows',
  architecture: 'amd64',
  'os.version': '10.0.20348.2113',
  'os.features': ['win32k'],
};

scenario('platforms are read from the configs, every field of them', everywhere, async (t) => {
  await t.push('app:windows', makeImage(windows));
  await t.push('app:armv6', makeImage('linux/arm/v6'));
  await t.push('app:amd64v3', makeImage('linux/amd64/v3'));
  const sources = ['windows', 'armv6', 'amd64v3'].map((tag) => t.ref(`app:${tag}`)).join('\n');
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(
    entriesOf(run).map(({ platform }) => platform),
    [
      { architecture: 'amd64', os: 'windows', 'os.version': '10.0.20348.2113', 'os.features': ['win32k'] },
      { architecture: 'arm', os: 'linux', variant: 'v6' },
      { architecture: 'amd64', os: 'linux', variant: 'v3' },
    ],
  );
});

scenario('every key of a source line', everywhere, async (t) => {
  await t.push('app:windows', makeImage('windows/amd64'));
  await t.push('app:arm', makeImage('linux/arm'));
  const sources = [
    `${t.ref('app:windows')} os=windows arch=amd64 os-version=10.0.20348.2113 os-features=win32k,extra`,
    `${t.ref('app:arm')} linux/arm variant=v7 annotation.org.example.note="two words, ""quoted"""`,
  ].join('\n');
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  const [one, other] = entriesOf(run);
  assert.deepEqual(one?.platform, { ...windows, 'os.features': ['win32k', 'extra'] });
  assert.deepEqual(other?.platform, { architecture: 'arm', os: 'linux', variant: 'v7' });
  assert.deepEqual(other?.annotations, { 'org.example.note': 'two words, "quoted"' });
});

scenario('keys whose matrix value is empty count as not given', everywhere, async (t) => {
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const sources = `${t.ref('app:1-amd64')} os=linux arch=amd64 variant= os-version= os-features=`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(entriesOf(run)[0]?.platform, { architecture: 'amd64', os: 'linux' });
});

scenario('a platform on the line may add what the config leaves out', everywhere, async (t) => {
  await t.push('app:1-arm', makeImage('linux/arm'));
  await t.push('app:1-arm64', makeImage('linux/arm64'));
  const sources = `${t.ref('app:1-arm')} linux/arm/v6\n${t.ref('app:1-arm64')} linux/arm64/v8`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], 'linux/arm/v6,linux/arm64/v8');
});

scenario(
  'other names of the same platform contradict nothing, and are not what is written',
  everywhere,
  async (t) => {
    await t.push('app:1-arm64', makeImage('linux/arm64/v8'));
    await t.push('app:1-amd64', makeImage('linux/amd64'));
    const sources = `${t.ref('app:1-arm64')} linux/aarch64\n${t.ref('app:1-amd64')} Linux/x86_64`;
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    assert.equal(run.exitCode, 0, run.stdout);
    t.snapshot(run);
  },
);

scenario('an artifact with a platform on its line, and one without', everywhere, async (t) => {
  const chart = makeArtifact({
    artifactType: 'application/vnd.cncf.helm.config.v1+json',
    typeInConfig: true,
  });
  await t.push('app:chart', chart);
  const run = await t.publish({
    tags: t.ref('app:1'),
    sources: `${t.ref('app:chart')} linux/amd64`,
    'platform-mismatch': 'warn',
  });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  const other = await t.publish({ tags: t.ref('app:2'), sources: t.ref('app:chart') });
  // The run may fail before it reads its tag.
  t.snapshot(other, { wire: 'none' });
  assert.equal(other.exitCode, 1);
  assert.match(errorOf(other)[0] ?? '', /sources line 1: .+app:chart .+\[SOURCE_NOT_AN_IMAGE\]/);
});

scenario('an image whose config names no platform', everywhere, async (t) => {
  await t.push('app:1', makeImage('linux/riscv64', { configPlatform: null }));
  const run = await t.publish({ tags: t.ref('app:2'), sources: t.ref('app:1') });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:2']);
  const given = await t.publish({ tags: t.ref('app:2'), sources: `${t.ref('app:1')} linux/riscv64` });
  assert.equal(given.outputs['platforms'], 'linux/riscv64', given.stdout);
});

scenario('a list of amd64 and arm/v7 has no warning, and none when it is published again', {}, async (t) => {
  await t.push('app:amd64', makeImage('linux/amd64'));
  const inputs = { tags: t.ref('app:1'), sources: `${t.ref('app:amd64')}\n${t.ref('app:armv7')}` };
  for (const name of ['first', 'next', 'next']) {
    await t.push('app:armv7', makeImage('linux/arm/v7', { name }));
    assert.deepEqual(warningsOf(await t.publish(inputs)), [], name);
  }
});

scenario('an image that podman no longer finds is a warning', {}, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built') };
  for (const [architecture, warned] of [
    ['386', []],
    ['i386', [/^Clients on linux\/386 pulled .+ before; they now find no image .+ podman and skopeo\.$/]],
  ] as const) {
    const content = makeImage('linux/386', { name: architecture });
    await t.push('app:built', makeIndex([{ content, platform: { os: 'linux', architecture } }]));
    const warnings = warningsOf(await t.publish(inputs));
    assert.equal(warnings.length, warned.length, warnings.join('\n'));
    for (const [at, pattern] of warned.entries()) assert.match(warnings[at] ?? '', pattern);
  }
});
