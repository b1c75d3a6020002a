/** Inputs that cannot both hold where several jobs publish one tag. */
import assert from 'node:assert/strict';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf } from '../evidence.ts';

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
})) {
  scenario(name, {}, async (t) => {
    const run = await t.publish({ tags: t.ref('app:v1'), sources: t.ref('app:9-amd64'), ...inputs });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(errorOf(run).join('\n'), says);
  });
}
