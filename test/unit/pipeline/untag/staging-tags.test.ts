import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publishedSources, stagingTagsOf } from '../../../../src/pipeline/untag/staging-tags.ts';
import { parseSources } from '../../../../src/sources/input/parse-sources.ts';
import type { Resolved } from '../../../../src/sources/source.ts';
import { makeImage } from '../../../support/images/images.ts';
import { manifestOf } from '../../../support/rigs/memory-registry.ts';
import { target } from '../../../support/rigs/push-rig.ts';

const image = makeImage('linux/amd64');
const lines = (text: string) => parseSources(text, []).lines;

function resolved(text: string): readonly Resolved[] {
  return lines(text).map((line) => ({
    line,
    label: line.text,
    manifest: manifestOf(image),
    store: { name: 'none' } as Resolved['store'],
  }));
}

describe('the staging tags of sources', () => {
  it('are those of references by tag, each once', () => {
    const text = `ghcr.io/acme/app:a\nghcr.io/acme/app:a linux/amd64\nghcr.io/acme/app:b@${image.digest}\nghcr.io/acme/app@${image.digest}\noci:out\ndocker-manifest:app:1`;
    assert.deepEqual(
      stagingTagsOf(resolved(text)).map(({ repository, tag }) => `${repository.path}:${tag}`),
      ['acme/app:a'],
    );
  });

  it('must not be published by any list', () => {
    const lists = [
      { tags: [target('1')], sources: lines('ghcr.io/acme/app:1-amd64\nghcr.io/acme/app:2') },
      { tags: [target('2')], sources: lines(`ghcr.io/acme/app:1@${image.digest}`) },
    ];
    const problems = publishedSources(lists, 'inputs');
    assert.deepEqual(
      problems.map(({ input }) => input),
      ['purge-sources'],
    );
    assert.match(problems[0]?.message ?? '', /ghcr\.io\/acme\/app:2, which is on line 2 of `sources`/);
    assert.match(
      publishedSources(lists, 'spec')[0]?.message ?? '',
      /ghcr\.io\/acme\/app:2, which is on line 2 of `spec` and also in `tags` of list 2/,
    );
  });
});
