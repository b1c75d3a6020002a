/** What the docker CLI and the action say of the same list or image: `docker manifest inspect --verbose`, byte for byte. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  makeArtifact,
  makeAttestation,
  makeImage,
  makeIndex,
  type TestContent,
} from '../support/images/images.ts';
import type { RegistryHandle } from '../support/registry/registry-handle.ts';
import { digestText } from '../support/registry/registry-store.ts';
import type { ActionRun } from '../support/run/run-action.ts';
import { type Scenario, scenario } from '../support/run/scenario.ts';
import { skipWithout } from '../support/wire/programs.ts';
import { DockerCli } from './client.ts';

const oci = makeImage('linux/amd64', { annotations: { 'org.example.note': '<b> & "ü" \u2028' } });
const docker = makeImage('linux/arm/v7', { types: 'docker' });
const windows = makeImage(
  { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.1', 'os.features': ['win32k'] },
  { types: 'docker' },
);
const untyped = makeImage('linux/arm64/v8', { statesMediaType: false });
const artifact = makeArtifact({ artifactType: 'application/vnd.example', subject: oci });

// As other programs write JSON: escapes of letters, numbers in other forms, keys that are numbers, white space.
const spelled = respelled(
  oci,
  `{"schemaVersion":2, "10":[ ], "9":{ },"mediaType":"application\\/vnd.oci.image.manifest.v1+json",
    "unknown":[1.50,12345678901234567890,-0,"\\ud83d\\ude00 \\u00e9 <&>\u2028"],`,
);

/** The same image with another beginning of its document. */
function respelled(image: TestContent, beginning: string): TestContent {
  const bytes = Buffer.from(image.bytes.toString('utf8').replace(/^.*?(?="config")/s, beginning));
  return { ...image, bytes, digest: digestText(bytes), size: bytes.length };
}

const cases: Readonly<Record<string, TestContent>> = {
  'an OCI image': oci,
  'a Docker image': docker,
  'an image for Windows': windows,
  'an image that does not state its media type': untyped,
  'an image whose config has no platform': makeImage('linux/amd64', { configPlatform: null }),
  'an image that spells its JSON in another way': spelled,
  'an index of such an image, twice, and of other fields': makeIndex([
    spelled,
    { content: spelled, platform: { os: 'linux', architecture: 'riscv64' } },
    { content: oci, fields: { 'org.example': { b: 1 }, artifactType: 'application/vnd.example' } },
  ]),
  'an artifact': artifact,
  'an attestation': makeAttestation(oci),
  'a Docker manifest list': makeIndex([docker, windows], { types: 'docker' }),
  'an OCI image index': makeIndex([oci, untyped, docker]),
  'an index with annotations and attestations': makeIndex([oci, untyped], {
    attestations: true,
    annotations: { 'org.example.list': 'yes' },
  }),
  'entries without platform, or with another one than their config': makeIndex([
    { content: oci, platform: null },
    { content: untyped, platform: { os: 'linux', architecture: 'arm64' } },
    { content: windows, platform: { os: 'windows', architecture: 'amd64' } },
  ]),
  'an artifact in an index': makeIndex([oci, artifact]),
};

for (const [name, content] of Object.entries(cases))
  scenario(`${name}: what docker prints`, { on: ['real'], skip: skipWithout('docker') }, async (t) => {
    await t.push('acme/app:1', content);
    const cli = new DockerCli(t.test);
    for (const image of [t.ref('acme/app:1'), t.ref(`acme/app@${content.digest}`)])
      assertPrinted(
        await t.inspect({ image, verbose: 'true' }),
        await cli.manifest('inspect', '--verbose', image),
      );
  });

scenario('a local draft: what docker prints', { on: ['real'], skip: skipWithout('docker') }, async (t) => {
  const cli = await draftOf(t, [docker, windows]);
  const list = t.ref('acme/app:1');
  const printed = await cli.manifest('inspect', '--verbose', list);
  const env = { DOCKER_CONFIG: cli.config };
  const run = await t.inspect({ image: `docker-manifest:${list}`, verbose: 'true' }, { env });
  assertPrinted(run, printed);
  const plain = await t.inspect({ image: `docker-manifest:${list}` }, { env });
  assert.equal(plain.outputs['digest'], (await cli.manifest('push', list)).trim());
});

async function draftOf(t: Scenario<RegistryHandle>, images: readonly TestContent[]): Promise<DockerCli> {
  const cli = new DockerCli(t.test);
  for (const [at, image] of images.entries()) await t.push(`acme/app:${at}`, image);
  await cli.manifest('create', t.ref('acme/app:1'), ...images.map((_, at) => t.ref(`acme/app:${at}`)));
  return cli;
}

function assertPrinted(run: ActionRun, printed: string): void {
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(readFileSync(run.outputs['json-file'] ?? '', 'utf8'), printed);
  assert.deepEqual(JSON.parse(run.outputs['json'] ?? ''), JSON.parse(printed));
}
