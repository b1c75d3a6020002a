import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectAnnotations } from '../../../src/oci/annotations.ts';
import { assemble } from '../../../src/pipeline/assemble.ts';
import { makeImage, type TestContent } from '../../support/images/images.ts';
import { membersFrom, plannedList, type ResolvedOptions } from '../../support/rigs/source-rig.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const observer = new Told();
const windows = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.1' };
const armless = makeImage('linux/arm', { configPlatform: { os: 'linux', architecture: 'arm' } });

interface Case {
  readonly name: string;
  readonly in: readonly [content: TestContent, options?: ResolvedOptions];
  /** The entry's platform as `docker manifest push` writes it, and as `buildx imagetools create` does. */
  readonly docker: object;
  readonly oci: object;
}

const arm64 = { architecture: 'arm64', os: 'linux' };
const arm64v8 = { ...arm64, variant: 'v8' };

const cases: readonly Case[] = [
  { name: 'a variant that is the default', in: [makeImage('linux/arm64/v8')], docker: arm64v8, oci: arm64 },
  {
    name: 'a variant the config omits',
    in: [armless],
    docker: { architecture: 'arm', os: 'linux' },
    oci: { architecture: 'arm', os: 'linux', variant: 'v7' },
  },
  {
    name: 'os.version, which imagetools would lose',
    in: [makeImage(windows)],
    docker: { architecture: 'amd64', os: 'windows', 'os.version': '10.0.20348.1' },
    oci: { architecture: 'amd64', os: 'windows', 'os.version': '10.0.20348.1' },
  },
  {
    name: 'the platform in the spelling of the user',
    in: [makeImage('linux/arm64/v8'), { says: 'linux/arm64/v8' }],
    docker: arm64v8,
    oci: arm64v8,
  },
  {
    name: 'an alias of the config’s architecture',
    in: [makeImage('linux/amd64'), { says: 'linux/x86_64' }],
    docker: { architecture: 'amd64', os: 'linux' },
    oci: { architecture: 'amd64', os: 'linux' },
  },
  {
    name: 'an alias that adds to the config',
    in: [armless, { says: 'linux/armel' }],
    docker: { architecture: 'arm', os: 'linux', variant: 'v6' },
    oci: { architecture: 'arm', os: 'linux', variant: 'v6' },
  },
];

for (const { name, in: source, ...forms } of cases) {
  for (const format of ['docker', 'oci'] as const) {
    test(`platform of an entry, ${format}: ${name}`, async () => {
      const members = await membersFrom(...source);
      const rules = { annotations: collectAnnotations([]), format, index: 'always' } as const;
      const assembled = assemble(plannedList(rules, members), { observer });
      const document = JSON.parse(Buffer.from(assembled.manifest.bytes).toString('utf8'));
      assert.deepEqual(document.manifests[0].platform, forms[format]);
      assert.deepEqual(assembled.members[0]?.descriptor.platform, forms[format]);
    });
  }
}

test('without prefer-index an image is tagged unchanged only when its line adds nothing', async () => {
  const image = makeImage('linux/arm/v7');
  const published = async (says: string): Promise<string> => {
    const members = await membersFrom(image, { says });
    const rules = { annotations: collectAnnotations([]), format: 'auto', index: 'needed' } as const;
    return assemble(plannedList(rules, members), { observer }).manifest.content.kind;
  };
  assert.equal(await published(''), 'image');
  assert.equal(await published('linux/arm/v7'), 'image');
  assert.equal(await published('os-version=9.9'), 'index');
});
