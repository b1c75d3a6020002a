/** Inputs that cannot both hold where several jobs publish one tag. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf } from '../evidence.ts';

/** The input, and both remedies. */
const soleSource =
  /^missing-sources: defer has one source, .+ `platforms`.+ `\$\{\{ strategy\.job-total > 1 && 'defer' \|\| 'error' \}\}`/m;

for (const [name, { inputs, says }] of Object.entries({
  'ignore with purge-sources': {
    inputs: { 'missing-sources': 'ignore', 'purge-sources': 'true' },
    says: /purge-sources: .+`missing-sources: ignore`/,
  },
  'defer with purge-sources': {
    inputs: { 'missing-sources': 'defer', 'purge-sources': 'true' },
    says: /purge-sources: .+`missing-sources: defer`/,
  },
  'ignore with an immutable tag': {
    inputs: { 'missing-sources': 'ignore', 'immutable-tags': 'v*' },
    says: /missing-sources: .+`immutable-tags` for \S+:v1/,
  },
  'ignore with a tag that only moves forwards': {
    inputs: { 'missing-sources': 'ignore', 'forward-only-tags': 'v*' },
    says: /missing-sources: .+`forward-only-tags` for \S+:v1/,
  },
  'ignore with refused removals': {
    inputs: { 'missing-sources': 'ignore', 'removed-platforms': 'error' },
    says: /missing-sources: .+`removed-platforms: error`/,
  },
  'amend with an immutable tag': {
    inputs: { amend: 'true', 'immutable-tags': 'v*' },
    says: /amend: .+`immutable-tags` for \S+:v1/,
  },
  'defer with amend': {
    inputs: { amend: 'true', 'missing-sources': 'defer' },
    says: /amend: .+`missing-sources: defer`/,
  },
  'defer with one source': {
    inputs: { 'missing-sources': 'defer' },
    says: soleSource,
  },
  'defer with the platform of one job': {
    inputs: { 'missing-sources': 'defer', platforms: 'linux/amd64' },
    says: soleSource,
  },
})) {
  scenario(name, {}, async (t) => {
    const run = await t.publish({ tags: t.ref('app:v1'), sources: t.ref('app:9-amd64'), ...inputs });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(errorOf(run).join('\n'), says);
  });
}

scenario('defer with a directory that holds the digest of one job', {}, async (t) => {
  const image = makeImage('linux/amd64');
  await t.push('app', image);
  const run = await t.publish(
    { tags: t.ref('app:v1'), sources: 'digests:out', 'missing-sources': 'defer' },
    { workspace: { 'out/amd64': image.digest } },
  );
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), soleSource);
  assert.equal(await t.served('app:v1'), undefined);
});

scenario('defer with one source in a spec', {}, async (t) => {
  await t.push('app:9-amd64', makeImage('linux/amd64'));
  const spec = JSON.stringify([{ tags: t.ref('app:v1'), sources: t.ref('app:9-amd64') }]);
  const run = await t.publish({ spec, 'missing-sources': 'defer' });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['published'], 'true');
});
