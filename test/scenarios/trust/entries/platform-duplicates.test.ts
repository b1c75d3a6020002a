/** os.version and os.features tell entries apart for Windows only. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestPlatform } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf } from '../../evidence.ts';

const linux: TestPlatform = { os: 'linux', architecture: 'amd64' };
const plain = makeImage(linux);
const others: Readonly<Record<string, TestPlatform>> = {
  'os.version': { ...linux, 'os.version': '6.1' },
  'os.features': { ...linux, 'os.features': ['sse4'] },
};

for (const [field, platform] of Object.entries(others)) {
  const featured = makeImage(platform, { name: 'second' });

  scenario(`two images for Linux that differ in ${field} are duplicates`, {}, async (t) => {
    await t.push('app:plain', plain);
    await t.push('app:second', featured);
    const sources = `${t.ref('app:plain')}\n${t.ref('app:second')}`;
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), /lines 1 and 2.*linux\/amd64.*\[DUPLICATE_PLATFORM\]/s);
  });

  scenario(
    `entries for Linux that differ in ${field} are duplicates beside another source`,
    {},
    async (t) => {
      await t.push('app:built', makeIndex([plain, featured]));
      await t.push('app:arm64', makeImage('linux/arm64'));
      const sources = `${t.ref('app:built')}\n${t.ref('app:arm64')}`;
      const run = await t.publish({ tags: t.ref('app:1'), sources });
      await assertNothingDone(t, run, ['app:1']);
      assert.match(errorOf(run).join('\n'), /linux\/amd64.*\[DUPLICATE_PLATFORM\]/s);
    },
  );
}

const featured = makeImage({ ...linux, 'os.features': ['sse4'] }, { name: 'second' });

scenario('an entry with features that were not asked for does not ride along', {}, async (t) => {
  await t.push('app:built', makeIndex([plain, featured, makeImage('linux/arm64')]));
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built'), platforms: 'linux/amd64' };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(
    entriesOf(run).map(({ digest }) => digest),
    [plain.digest],
  );
});

scenario(
  'an entry with features that were not asked for does not stand in for the platform',
  {},
  async (t) => {
    await t.push('app:built', makeIndex([featured, makeImage('linux/arm64')]));
    const inputs = { tags: t.ref('app:1'), sources: t.ref('app:built'), platforms: 'linux/amd64' };
    const run = await t.publish(inputs);
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), /\[PLATFORM_MISSING\]/);
  },
);

scenario('Windows images of several versions stand beside each other', {}, async (t) => {
  const versions = ['10.0.17763.6659', '10.0.20348.2966'].map((version) =>
    makeImage({ os: 'windows', architecture: 'amd64', 'os.version': version }),
  );
  await t.push('app:built', makeIndex([...versions, plain]));
  await t.push('app:arm64', makeImage('linux/arm64'));
  const sources = `${t.ref('app:built')}\n${t.ref('app:arm64')}`;
  const joined = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(joined.exitCode, 0, joined.stdout);
  assert.equal(entriesOf(joined).length, 4);
  // `platforms` has no form for a Windows version: windows/amd64 means all of them.
  const inputs = { tags: t.ref('app:2'), sources: t.ref('app:built'), platforms: 'windows/amd64' };
  const narrowed = await t.publish(inputs);
  assert.deepEqual(
    entriesOf(narrowed).map(({ digest }) => digest),
    versions.map(({ digest }) => digest),
    narrowed.stdout,
  );
});
