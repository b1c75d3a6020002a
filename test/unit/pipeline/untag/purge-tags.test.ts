import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../../../../src/oci/digest.ts';
import { purgeListed } from '../../../../src/pipeline/untag/purge-listed.ts';
import { purgeTags } from '../../../../src/pipeline/untag/purge-tags.ts';
import { NetworkError } from '../../../../src/run/errors.ts';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import {
  isProbe,
  removalRig,
  removalsIn,
  removesContent,
  removesTags,
} from '../../../support/rigs/removal-rig.ts';
import { answer, outcomeOf } from '../../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const list = makeIndex([amd64, arm64]);
const host = 'registry.example/app';
const staged = (name: string): string => `${host}:${name}`;
const statesOf = (purged: readonly { removal: { state: string } }[]): readonly string[] =>
  purged.map(({ removal }) => removal.state);

describe('purging tags', () => {
  it('removes each tag once, the first one alone', async () => {
    const { registry, context, hold } = removalRig();
    const tags = ['a', 'b', 'c'].map((name) => hold(staged(name), amd64));
    assert.deepEqual(statesOf(await purgeTags(tags, [], context)), ['removed', 'removed', 'removed']);
    const deletes = removalsIn(registry).map((text) => registry.requests.indexOf(text));
    assert.equal(deletes.length, 3);
    const between = registry.requests.slice((deletes[0] ?? 0) + 1, deletes[1]);
    assert.ok(between.includes(`HEAD /v2/app/manifests/${amd64.digest}`), between.join('\n'));
  });

  it('leaves what changed, passes over what is gone, and stops at the first refusal', async () => {
    const { registry, told, context, hold } = removalRig((request) =>
      request.method === 'DELETE' ? answer(405, { url: request.url.href }) : undefined,
    );
    const tags = ['gone', 'changed', 'a', 'b'].map((name) => hold(staged(name), amd64));
    registry.setTag(host, 'gone', undefined);
    registry.hold(host, arm64, 'changed');
    assert.deepEqual(statesOf(await purgeTags(tags, [], context)), [
      'absent',
      'changed',
      'refused',
      'refused',
    ]);
    assert.equal(told.warnings.length, 2);
    assert.match(
      told.warnings[1] ?? '',
      /^Not removed: registry\.example\/app:a, registry\.example\/app:b: /,
    );
    assert.deepEqual(removalsIn(registry), []);
  });

  it('puts back what is lost, with its tags, and fails', async () => {
    const { registry, context, hold } = removalRig(removesContent(amd64.digest as Digest));
    const tags = [hold(staged('a'), amd64), hold(staged('b'), arm64)];
    const { repository, manifest } = hold(staged('1'), list);
    const outcome = await outcomeOf(purgeTags(tags, [{ repository, manifest, tags: ['1'] }], context));
    assert.deepEqual(outcome, { class: 'VerifyError', code: 'CONTENT_REMOVED' });
    assert.ok(registry.writes.includes(`PUT /v2/app/manifests/${amd64.digest}`));
    assert.equal(removalsIn(registry).length, 1);
  });

  it('says so when what is lost cannot be put back', async () => {
    const remove = removesContent(amd64.digest as Digest);
    const { context, hold } = removalRig((request, registry) =>
      request.method === 'PUT' && !isProbe(request.url.pathname)
        ? answer(400, { url: request.url.href })
        : remove(request, registry),
    );
    await assert.rejects(
      purgeTags([hold(staged('a'), amd64)], [], context),
      /could not be put back: registry\.example refused the push/,
    );
  });

  it('warns when it cannot look, and takes that for no loss', async () => {
    let isRemoved = false;
    const { told, context, hold } = removalRig((request, registry) => {
      if (request.method === 'DELETE') isRemoved = true;
      if (isRemoved && request.url.pathname.endsWith(amd64.digest))
        throw new NetworkError('DNS', 'no such host');
      return removesTags(request, registry);
    });
    const kept = [hold('registry.example/other:a', amd64)];
    assert.deepEqual(statesOf(await purgeTags([hold(staged('a'), amd64)], kept, context)), ['removed']);
    assert.equal(told.warnings.length, 1);
    assert.match(
      told.warnings[0] ?? '',
      /\/app@sha256:\w+, \S+\/other@sha256:\w+ could not be read after tags were removed/,
    );
  });

  it('does not believe a registry that confirms and keeps the tag', async () => {
    const { registry, told, context, hold } = removalRig((request) =>
      request.method === 'DELETE' ? answer(202, { url: request.url.href }) : undefined,
    );
    assert.deepEqual(statesOf(await purgeTags([hold(staged('a'), amd64)], [], context)), ['refused']);
    const [first = '', warning = ''] = told.warnings;
    assert.match(first, /^Throw-away tags that remain: \S+, \S+\. Remove them\. /);
    assert.match(warning, /still exists, although the registry confirmed/);
    assert.deepEqual(removalsIn(registry), []);
  });
});

describe('purging listed tags', () => {
  it('removes what is there, and looks at the images of lists', async () => {
    const { registry, context, hold } = removalRig();
    const tags = [
      hold(staged('list'), list),
      hold(staged('a'), amd64),
      { ...hold(staged('x'), amd64), tag: 'none' },
    ];
    assert.deepEqual(statesOf(await purgeListed(tags, 'purge', context)), ['removed', 'removed', 'absent']);
    assert.ok(registry.requests.includes(`HEAD /v2/app/manifests/${arm64.digest}`));
  });

  it('reads in a dry run, and asks once to remove a name that does not exist', async () => {
    const { registry, told, context, hold } = removalRig();
    const tags = [hold(staged('a'), amd64), hold(staged('b'), amd64)];
    assert.deepEqual(statesOf(await purgeListed(tags, 'dry-run', context)), ['found', 'found']);
    const others = registry.requests.filter((text) => !text.startsWith('GET'));
    assert.equal(others.length, 1);
    assert.match(
      others[0] ?? '',
      /^DELETE \/v2\/app\/manifests\/multiarch-manifest-action-probe-7-[0-9a-f]{8}$/,
    );
    assert.deepEqual(told.infos, [
      `Would remove the tag ${staged('a')}`,
      `Would remove the tag ${staged('b')}`,
    ]);
  });

  it('leaves a tag whose list cannot be read whole, and removes the others', async () => {
    const { registry, told, context, hold } = removalRig((request, held) =>
      request.method === 'GET' && request.url.pathname.endsWith(arm64.digest)
        ? answer(403, { url: request.url.href })
        : removesTags(request, held),
    );
    const many = makeIndex(Array.from({ length: 1001 }, () => amd64));
    const tags = [hold(staged('list'), list), hold(staged('many'), many), hold(staged('a'), amd64)];
    assert.deepEqual(statesOf(await purgeListed(tags, 'purge', context)), ['refused', 'refused', 'removed']);
    assert.match(told.warnings.join('\n'), /^Not removed: registry\.example\/app:list: .*denied the pull/m);
    assert.match(told.warnings.join('\n'), /^Not removed: registry\.example\/app:many: .*1000 entries/m);
    assert.equal(removalsIn(registry).length, 1);
  });

  it('warns of a tag that cannot be read', async () => {
    const { told, context, hold } = removalRig((request) =>
      request.method === 'GET' ? answer(403, { url: request.url.href }) : undefined,
    );
    assert.deepEqual(statesOf(await purgeListed([hold(staged('a'), amd64)], 'purge', context)), ['refused']);
    assert.match(
      told.warnings[0] ?? '',
      /^Not removed: registry\.example\/app:a: registry\.example denied the pull/,
    );
  });
});
