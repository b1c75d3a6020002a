import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectAnnotations, parseAnnotation } from '../../../../src/oci/annotations.ts';
import { parsePlatform } from '../../../../src/oci/platform.ts';
import { amendList } from '../../../../src/pipeline/amend/amended-list.ts';
import { type AmendedBase, readBase } from '../../../../src/pipeline/amend/base.ts';
import { membersOf } from '../../../../src/pipeline/member.ts';
import { makeImage, makeIndex, type TestContent } from '../../../support/images/images.ts';
import { clientOf, MemoryRegistry } from '../../../support/rigs/memory-registry.ts';
import { contextOf, home, ledgerOf, target } from '../../../support/rigs/push-rig.ts';
import { plannedList, resolvedOf } from '../../../support/rigs/source-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const riscv = makeImage('linux/riscv64');
const docker = { types: 'docker' } as const;

interface Given {
  readonly base: TestContent;
  readonly source?: TestContent;
  readonly annotations?: readonly string[];
  readonly format?: 'auto' | 'docker' | 'oci';
  readonly platforms?: readonly string[];
}

async function baseOf(
  registry: MemoryRegistry,
  ...tags: readonly string[]
): Promise<AmendedBase | undefined> {
  const wanted = tags.map(target);
  return readBase(wanted, await ledgerOf(wanted, contextOf(registry)), clientOf(registry));
}

async function amended({ base, source = riscv, annotations = [], format = 'auto', platforms = [] }: Given) {
  const registry = new MemoryRegistry();
  registry.hold(home, base, 'latest');
  const tags = [target('latest')];
  const members = await membersOf(resolvedOf(source));
  const request = {
    tags,
    annotations: collectAnnotations(annotations.map(parseAnnotation)),
    format,
    platforms: platforms.map(parsePlatform),
    missingPlatforms: 'refuse',
  } as const;
  const context = contextOf(registry);
  return amendList(plannedList(request, members), await ledgerOf(tags, context), context);
}

test('nothing changes: the bytes stay', async () => {
  const base = makeIndex([amd64, riscv], { indent: 4 });
  assert.equal((await amended({ base })).manifest.digest, base.digest);
});
test('an annotation changes the list alone', async () => {
  const base = makeIndex([amd64, riscv]);
  const { manifest } = await amended({ base, annotations: ['a=b'] });
  assert.deepEqual(manifest.content.annotations, { a: 'b' });
});
test('the format of the base stays, or is the wanted one', async () => {
  const [image, source] = [makeImage('linux/amd64', docker), makeImage('linux/riscv64', docker)];
  const base = makeIndex([image], docker);
  const typeOf = async (more: Partial<Given>) =>
    (await amended({ base, source, ...more })).manifest.mediaType;
  assert.match(await typeOf({}), /docker/);
  assert.match(await typeOf({ format: 'oci' }), /oci/);
  assert.match(await typeOf({ annotations: ['a=b'] }), /oci/);
  assert.match(await typeOf({ base: makeIndex([image]), format: 'docker' }), /docker/);
});
test('one image becomes a list', async () => {
  const { members } = await amended({ base: amd64 });
  assert.deepEqual(
    members.map(({ descriptor }) => descriptor.digest),
    [amd64.digest, riscv.digest],
  );
});
test('a platform that nobody supplies', async () => {
  const given = { base: makeIndex([amd64]), platforms: ['linux/amd64', 'linux/s390x'] };
  await assert.rejects(amended(given), { code: 'PLATFORM_MISSING' });
});
test('a format that cannot hold what comes', async () => {
  const given = { base: makeIndex([amd64]), annotations: ['a=b'], format: 'docker' } as const;
  await assert.rejects(amended(given), { code: 'FORMAT' });
});

test('tags: none, the same, different, lost', async () => {
  const registry = new MemoryRegistry();
  assert.equal(await baseOf(registry, 'new'), undefined);
  registry.hold(home, makeIndex([amd64]), 'one');
  registry.hold(home, makeIndex([arm64]), 'two');
  assert.equal((await baseOf(registry, 'new', 'one'))?.tag.tag, 'one');
  await assert.rejects(baseOf(registry, 'one', 'two'), { code: 'AMEND_TAGS' });
  registry.lose(home, makeIndex([arm64]).digest);
  assert.equal(await baseOf(registry, 'two'), undefined);
});
