/** Job outputs that the runner dropped are missing from JSON without a trace: only `platforms` can tell. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describe, makeImage } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, errorOf, warningsOf } from '../../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const aboutPlatforms = (texts: readonly string[]) => texts.filter((text) => /`?platforms`?/.test(text));

const documents: Readonly<Record<string, (digests: Record<string, string>) => unknown>> = {
  'outputs of a job': (outputs) => outputs,
  'jobs with their outputs': (outputs) => ({ build: { result: 'success', outputs } }),
  'an array': (outputs) => Object.values(outputs),
};

for (const [name, document] of Object.entries(documents)) {
  const sources = JSON.stringify(document({ amd64: amd64.digest, arm64: arm64.digest }));

  scenario(`${name} as JSON without platforms get a warning`, {}, async (t) => {
    for (const image of [amd64, arm64]) await t.push('app', image);
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(aboutPlatforms(warningsOf(run)).length, 1, run.stdout);
  });

  scenario(`${name} as JSON with platforms get none`, {}, async (t) => {
    for (const image of [amd64, arm64]) await t.push('app', image);
    const platforms = 'linux/amd64,linux/arm64';
    const run = await t.publish({ tags: t.ref('app:1'), sources, platforms });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(warningsOf(run), []);
  });
}

scenario('an output that is missing is a platform that is missing', {}, async (t) => {
  await t.push('app', amd64);
  const sources = JSON.stringify({ amd64: amd64.digest });
  const run = await t.publish({ tags: t.ref('app:1'), sources, platforms: 'linux/amd64,linux/arm64' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /linux\/arm64.*\[PLATFORM_MISSING\]/s);
});

// What one step wrote cannot have lost a part on its way between jobs.
const whole: Readonly<Record<string, string>> = {
  'a descriptor': JSON.stringify(describe(amd64)),
  'build metadata': JSON.stringify({ 'containerimage.digest': amd64.digest }),
  'a plain line': amd64.digest,
};

for (const [name, sources] of Object.entries(whole)) {
  scenario(`${name} needs no platforms`, {}, async (t) => {
    await t.push('app', amd64);
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(warningsOf(run), []);
  });
}

for (const file of ['README.md', 'docs/SOURCES.md']) {
  const text = readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8');

  test(`${file}: every recipe that hands on outputs as JSON names its platforms`, () => {
    const examples = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, example = '']) => example);
    const steps = examples.flatMap((example) => example.split(/^ *- (?=uses:|id:|name:|run:)/m));
    const lacking = steps.filter(
      (step) => /sources:.*toJSON\(needs/.test(step) && !/^ *platforms:/m.test(step),
    );
    assert.deepEqual(lacking, []);
  });

  test(`${file}: does not promise that an empty output is noticed`, () => {
    assert.doesNotMatch(text.replaceAll(/\s+/g, ' '), /output that a leg left empty is an error/);
  });
}
