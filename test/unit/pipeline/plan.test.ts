import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { formatReference, formatRepository } from '../../../src/oci/reference.ts';
import { soleRepository, targetsOf } from '../../../src/pipeline/list.ts';
import { logPlan, planList } from '../../../src/pipeline/plan.ts';
import type { ListRequest } from '../../../src/pipeline/request.ts';
import { ManifestBudget } from '../../../src/registry/manifest-budget.ts';
import { SourceError } from '../../../src/run/errors.ts';
import { parseSources } from '../../../src/sources/input/parse-sources.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import { target } from '../../support/rigs/push-rig.ts';
import { repository, resolvedOf, word } from '../../support/rigs/source-rig.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const docker = makeImage('linux/s390x', { types: 'docker' });
const served: Readonly<Record<string, TestContent>> = {
  amd64,
  arm64,
  docker,
  pair: makeIndex([amd64, arm64], { attestations: true }),
};

const context: SourceContext = {
  directory: '/nowhere',
  dockerConfig: '/nowhere',
  repository,
  targets: [repository],
  observer: new Told(),
  budget: new ManifestBudget(),
  mayLogIn: async () => false,
  // The last line responds first.
  fetch: async (line, reference) => {
    await new Promise((done) => setTimeout(done, 20 - 5 * line.line));
    const content = served[reference.tag ?? ''];
    if (content === undefined) throw new SourceError('SOURCE_MISSING', `sources line ${line.line}: missing`);
    return { ...resolvedOf(content), line, label: formatReference(reference) };
  },
};

function requestOf(sources: string, platforms: readonly string[] = []): ListRequest {
  const { lines, problems } = parseSources(sources, platforms.map(parsePlatform));
  assert.deepEqual(problems, []);
  return {
    tags: [target('ghcr.io/acme/app:1'), target('docker.io/acme/app:1'), target('ghcr.io/acme/app:2')],
    sources: lines,
    platforms: platforms.map(parsePlatform),
    annotations: { index: {}, entries: [] },
    format: 'auto',
    index: 'always',
    attestations: 'keep',
    platformMismatch: 'error',
    revisionMismatch: 'warn',
    duplicatePlatforms: 'error',
    missingPlatforms: 'refuse',
    base: 'replace',
    removedPlatforms: 'warn',
    immutableTags: [],
    forwardOnlyTags: [],
  };
}

test('members keep the order of the lines, whichever responds first', async () => {
  const told = new Told();
  const sources = 'ghcr.io/acme/app:docker\nghcr.io/acme/app:pair';
  const plan = await planList(requestOf(sources), context, { observer: told });
  assert.deepEqual(plan.members.map(word), ['linux/s390x', 'linux/amd64', 'linux/arm64', '~', '~']);
  assert.deepEqual(
    plan.resolvedSources.map(({ label }) => label),
    ['ghcr.io/acme/app:docker', 'ghcr.io/acme/app:pair'],
  );
  assert.deepEqual(told.infos, []);
  logPlan(plan, told);
  assert.equal(told.infos.length, 5);
  assert.match(
    told.infos[0] ?? '',
    /^linux\/s390x {2}sha256:\w+ {2}[\d.]+ k?B of layers {2}ghcr\.io\/acme\/app:docker$/,
  );
  assert.match(told.infos[3] ?? '', new RegExp(`^attestation sha256:\\w+ of ${amd64.digest}$`));
});

test('the targets are the repositories of the tags, each once, in order of first appearance', async () => {
  const { targets } = await planList(requestOf('ghcr.io/acme/app:amd64'), context, { observer: new Told() });
  assert.deepEqual(
    targets.map((each) => [formatRepository(each.repository), each.tags]),
    [
      ['ghcr.io/acme/app', ['1', '2']],
      ['docker.io/acme/app', ['1']],
    ],
  );
});

test('a template is a source for each platform', async () => {
  const request = requestOf('ghcr.io/acme/app:{arch}', ['linux/arm64', 'linux/amd64']);
  const { members } = await planList(request, context, { observer: new Told() });
  assert.deepEqual(members.map(word), ['linux/arm64', 'linux/amd64']);
});

test('a source that fails makes the plan fail', async () => {
  const request = requestOf('ghcr.io/acme/app:amd64\nghcr.io/acme/app:none');
  await assert.rejects(planList(request, context, { observer: new Told() }), { code: 'SOURCE_MISSING' });
});

test('there is a sole repository when all tags are in it, by any of its names', () => {
  const sole = (...tags: readonly string[]): string | undefined => {
    const found = soleRepository(tags.map(target));
    return found && formatRepository(found);
  };
  assert.equal(sole('docker.io/library/x:1', 'index.docker.io/x:2'), 'docker.io/library/x');
  assert.equal(sole('ghcr.io/a/b:1', 'ghcr.io/a/c:1'), undefined);
  assert.equal(sole(), undefined);
  assert.deepEqual(targetsOf([]), []);
});

test('a single list is taken unchanged, even with one platform twice; with another source that is a conflict', async () => {
  const other = makeImage('linux/amd64', { name: 'other' });
  const twice = makeIndex([amd64, other]);
  const fetch: SourceContext['fetch'] = async (line, reference) => {
    const content = reference.tag === 'twice' ? twice : arm64;
    return { ...resolvedOf(content), line, label: formatReference(reference) };
  };
  const own = { ...context, fetch };
  const plan = await planList(requestOf('ghcr.io/acme/app:twice'), own, { observer: new Told() });
  assert.deepEqual(plan.members.map(word), ['linux/amd64', 'linux/amd64']);
  const beside = planList(requestOf('ghcr.io/acme/app:twice\nghcr.io/acme/app:arm64'), own, {
    observer: new Told(),
  });
  await assert.rejects(beside, { code: 'DUPLICATE_PLATFORM' });
});

test('every source line that cannot be used is listed in one error', async () => {
  const sources = 'ghcr.io/acme/app:gone\nghcr.io/acme/app:amd64\nghcr.io/acme/app:lost';
  await assert.rejects(planList(requestOf(sources), context, { observer: new Told() }), (error) => {
    assert(error instanceof SourceError);
    assert.equal(error.code, 'SOURCE_MISSING');
    assert.match(
      error.message,
      /^2 sources cannot be used:\nsources line 1: missing\nsources line 3: missing$/,
    );
    return true;
  });
});
