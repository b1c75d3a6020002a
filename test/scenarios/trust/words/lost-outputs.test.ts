/** Job outputs that the runner dropped are missing from JSON without a trace: only `platforms` can tell. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describe, makeImage } from '../../../support/images/images.ts';
import { rows } from '../../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

const documents: Readonly<Record<string, (digests: Record<string, string>) => unknown>> = {
  'outputs of a job': (outputs) => outputs,
  'jobs with their outputs': (outputs) => ({ build: { result: 'success', outputs } }),
  'an array': (outputs) => Object.values(outputs),
};

const held = { 'app:amd64': amd64, 'app:arm64': arm64 };
const platforms = 'linux/amd64,linux/arm64';

for (const [name, document] of Object.entries(documents)) {
  const sources = JSON.stringify(document({ amd64: amd64.digest, arm64: arm64.digest }));
  rows({
    [`${name} as JSON without platforms get a warning`]: { held, sources, warnings: [/`?platforms`?/] },
    [`${name} as JSON with platforms get none`]: { held, sources, inputs: { platforms }, warnings: [] },
  });
}

rows({
  'an output that is missing is a platform that is missing': {
    held,
    sources: JSON.stringify({ amd64: amd64.digest }),
    inputs: { platforms },
    fails: /linux\/arm64.*\[PLATFORM_MISSING\]/s,
  },
  // What one step wrote cannot have lost a part on its way between jobs.
  'a descriptor needs no platforms': { held, sources: JSON.stringify(describe(amd64)), warnings: [] },
  'build metadata needs no platforms': {
    held,
    sources: JSON.stringify({ 'containerimage.digest': amd64.digest }),
    warnings: [],
  },
  'a plain line needs no platforms': { held, sources: amd64.digest, warnings: [] },
});

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
