/** The same entries pushed by `docker manifest create`, `annotate`, `push` and by the action: the same bytes. */
import assert from 'node:assert/strict';
import { makeImage, type TestContent } from '../support/images/images.ts';
import { scenario } from '../support/run/scenario.ts';
import { skipWithout } from '../support/wire/programs.ts';
import { DockerCli } from './client.ts';

interface Entry {
  readonly image: TestContent;
  /** Options of `docker manifest annotate`. */
  readonly annotate?: readonly string[];
  /** The same on a source line. */
  readonly keys?: string;
}

interface Case {
  readonly name: string;
  readonly entries: readonly Entry[];
}

const docker = (platform: Parameters<typeof makeImage>[0]): TestContent =>
  makeImage(platform, { types: 'docker' });
const windows = (build: string) => ({
  os: 'windows',
  architecture: 'amd64',
  'os.version': `10.0.${build}`,
  'os.features': ['win32k'],
});

const cases: readonly Case[] = [
  {
    name: 'Docker images',
    entries: [
      { image: docker('linux/amd64') },
      { image: docker('linux/arm64') },
      { image: docker('linux/s390x') },
    ],
  },
  {
    name: 'OCI images',
    entries: [{ image: makeImage('linux/amd64') }, { image: makeImage('linux/arm64') }],
  },
  {
    name: 'variants of the configs',
    entries: [
      { image: docker('linux/amd64/v3') },
      { image: docker('linux/arm/v6') },
      { image: docker('linux/arm64/v8') },
    ],
  },
  {
    name: 'variants given by hand',
    entries: [
      { image: docker('linux/arm'), annotate: ['--variant', 'v7'], keys: 'variant=v7' },
      {
        image: docker('linux/arm64'),
        annotate: ['--os', 'linux', '--arch', 'arm64', '--variant', 'v8'],
        keys: 'linux/arm64/v8',
      },
    ],
  },
  {
    name: 'os.version and os.features of the configs',
    entries: [{ image: docker(windows('17763.5696')) }, { image: docker(windows('20348.2402')) }],
  },
  {
    name: 'os.version and os.features given by hand',
    entries: [
      { image: docker('linux/amd64') },
      {
        image: docker('windows/amd64'),
        annotate: ['--os-version', '10.0.20348.2402', '--os-features', 'win32k,extra'],
        keys: 'os-version=10.0.20348.2402 os-features=win32k,extra',
      },
    ],
  },
  {
    name: 'an OCI image before a Docker image',
    entries: [{ image: makeImage('linux/amd64') }, { image: docker('linux/arm64') }],
  },
  {
    name: 'a Docker image before an OCI image',
    entries: [{ image: docker('linux/amd64') }, { image: makeImage('linux/arm64') }],
  },
  {
    name: 'what Go escapes in JSON',
    entries: [{ image: docker({ os: 'linux', architecture: 'amd64', 'os.version': '<1> & "2" \u2028' }) }],
  },
  { name: 'one image', entries: [{ image: docker('linux/amd64') }] },
];

for (const { name, entries } of cases)
  scenario(
    `${name}: the digest that docker gives`,
    { on: ['real'], skip: skipWithout('docker') },
    async (t) => {
      const cli = new DockerCli(t.test);
      // docker orders entries by the names of its files, so these have the order of the list.
      const images = entries.map(({ image }, at) => ({ image, name: `acme/app:${at}` }));
      for (const { image, name } of images) await t.push(name, image);
      const list = t.ref('acme/app:by-docker');
      const refs = images.map(({ name }) => t.ref(name));
      try {
        await cli.manifest('create', list, ...refs);
      } catch (error) {
        if (!/unsupported manifest media type/.test(String(error))) throw error;
        return t.test.skip('this docker does not know OCI images');
      }
      for (const [at, { annotate }] of entries.entries())
        if (annotate !== undefined) await cli.annotate(list, refs[at] ?? '', annotate);
      const digest = (await cli.manifest('push', list)).trim();
      const run = await t.publish({
        tags: t.ref('acme/app:by-action'),
        sources: entries.map(({ keys = '' }, at) => `${refs[at]} ${keys}`).join('\n'),
        format: 'docker',
      });
      assert.equal(run.exitCode, 0, run.stdout);
      const [theirs, ours] = [await t.served('acme/app:by-docker'), await t.served('acme/app:by-action')];
      assert.equal(ours?.bytes.toString(), theirs?.bytes.toString());
      assert.equal(ours?.mediaType, theirs?.mediaType);
      assert.equal(run.outputs['digest'], digest);
    },
  );
