/** What people write at first: what GitHub made of an expression, names of branches, digests of two images in one directory. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import type { RunOptions } from '../../../support/run/run-action.ts';
import { rows } from '../../rows.ts';

const [amd64, arm64] = ['linux/amd64', 'linux/arm64'].map((platform) => makeImage(platform)) as [
  ReturnType<typeof makeImage>,
  ReturnType<typeof makeImage>,
];
const flavours = ['linux/amd64', 'linux/arm64'].map((platform) => makeImage(platform, { name: 'debian' }));
const held = { 'app:amd64': amd64, 'app:arm64': arm64 };
const file = ({ digest }: { readonly digest: string }): string => `digests/${digest.slice('sha256:'.length)}`;
const files = (...contents: readonly { readonly digest: string }[]): RunOptions => ({
  workspace: Object.fromEntries(contents.map((content) => [file(content), ''])),
});
const foreign = { digest: `sha256:${'4'.repeat(64)}` };

rows({
  'outputs of a job without toJSON': {
    sources: 'Object',
    fails:
      /^Invalid input:\nsources line 1: "Object" is what GitHub writes .*toJSON\(needs\.build\.outputs\)/,
  },
  'a branch in place of a tag': {
    inputs: { tags: '~/app:feature/login' },
    fails:
      /^Invalid input:\ntags line 1: tag "feature\/login" of .* has a "\/" \(expected: .*"feature-login"\)/,
  },
  'tags and platforms as JSON': {
    held,
    inputs: { tags: '["~/app:1","~/app:2"]', platforms: '["linux/amd64","linux/arm64"]' },
    entries: [amd64, arm64],
    check: async (run, t) => assert.equal((await t.served('app:2'))?.digest, run.outputs['digest']),
  },
  'tags in quotes': { held, inputs: { tags: `"~/app:1"\n'~/app:2'` }, entries: [amd64, arm64] },
  'a digest of another image in the directory': {
    held,
    sources: 'digests:digests',
    inputs: { 'wait-for-sources': '0' },
    options: files(amd64, foreign, arm64),
    fails: [
      /^sources line 1: "digests" has 3 digests, 2 of them are in \S+\/app; missing: "digests\/4{64}" \[SOURCE_MISSING\]/,
      /\nCheck the artifacts: a `pattern` that also fits those of another image/,
    ],
  },
  'digests of two images in one directory': {
    held: { ...held, 'app:debian-amd64': flavours[0] ?? amd64, 'app:debian-arm64': flavours[1] ?? arm64 },
    sources: 'digests:digests',
    options: files(amd64, arm64, ...flavours),
    fails: [
      /^sources line 1 supplies linux\/\w+ twice: digests\/\w+ and digests\/\w+ \[DUPLICATE_PLATFORM\]/,
      /\nKeep the digests of one image in "digests": .* `pattern`\. `duplicate-platforms` could mix the two\./,
    ],
  },
  'a spec with an output of several lines, and an optional list without sources': {
    held,
    sources: '',
    inputs: {
      tags: '',
      spec: '- tags: |\n    ~/app:1\n~/app:2\n  sources: [~/app:amd64, ~/app:arm64]\n- tags: ~/web:1\n  sources:\n  optional: true\n',
    },
    entries: [amd64, arm64],
    warnings: [],
    check: async (run, t) => {
      assert.equal((await t.served('app:2'))?.digest, run.outputs['digest']);
      assert.match(run.stdout, /^spec line 5: list 2: left out: it is optional, and its sources are empty$/m);
    },
  },
  'tags and sources that are swapped': {
    held: { 'app:1-amd64': amd64, 'app:1-arm64': arm64, 'app:1': makeIndex([amd64, arm64]) },
    sources: '~/app:1',
    inputs: { tags: '~/app:1-amd64\n~/app:1-arm64' },
    warnings: [
      /^tags: \S+\/app:1-amd64 held an image that is now an entry of its list; if `tags` and `sources` are swapped, /,
      /^tags: \S+\/app:1-arm64 held an image /,
    ],
  },
  'a tag that is a source itself': {
    held: { 'app:1': amd64, 'app:1-arm64': arm64 },
    sources: '~/app:1\n~/app:1-arm64',
    warnings: [],
  },
  'a path with a star': {
    sources: 'oci-archive:out/*.tar',
    fails: [
      /^sources line 1: "out\/\*\.tar" does not exist \[SOURCE_FILE\]\n"out\/\*\.tar" is a pattern, and names are not completed\. Expected: the name in full; /,
    ],
  },
  'an image in a registry behind oci://': {
    sources: 'oci://ghcr.io/acme/app:1',
    fails: [
      /\n"\/\/ghcr\.io\/acme\/app" is no image in a registry: .* Expected: ghcr\.io\/acme\/app with its tag/,
    ],
  },
  'metadata of a build that pushed nothing': {
    sources: '{"buildx.build.ref":"a/b/c","containerimage.config.digest":"sha256:aa"}',
    fails: [
      /^Invalid input:\nsources line 1: the build pushed no image: containerimage\.digest is missing \(expected: .*`push: true`/,
    ],
  },
  'metadata of a build, in the outputs of a job, with the digest of its config only': {
    sources: JSON.stringify({
      metadata: JSON.stringify({
        'containerimage.digest': amd64.digest,
        'containerimage.config.digest': amd64.digest,
      }),
    }),
    fails: [
      /^Invalid input:\nsources line 1: metadata: the build pushed no image: its digest is that of a config /,
    ],
  },
  'metadata of a build without any image': {
    sources: '{"buildx.build.ref":"a/b/c"}',
    fails: [/^Invalid input:\nsources line 1: the build pushed no image: containerimage\.digest is missing/],
  },
  'an annotation in typographic quotes': {
    inputs: { annotations: 'org.example.title=“App”\norg.example.note=‘x’' },
    warnings: [
      /^annotations: the value of "org\.example\.title", "org\.example\.note" is published with the typographic quotes around it; /,
    ],
  },
  'an annotation that is all in typographic quotes': {
    inputs: { annotations: '“org.example.title=x”' },
    fails: [/^Invalid input:\nannotations line 1: annotation "“org\.example\.title=x”" begins with a quote /],
  },
  'a URL of docker': {
    sources: 'docker://ghcr.io/acme/app:1',
    fails: [/^Invalid input:\nsources line 1: "docker:\S+" is a URL: write "ghcr\.io\/acme\/app:1" /],
  },
  'sources from an empty expression': {
    sources: ' ',
    fails: [/^Invalid input:\nsources: lists no source; if an expression stands there, its value is empty /],
  },
  'an empty expression as a tag in a spec': {
    sources: '',
    inputs: { tags: '', spec: 'tags: ~/app:\nsources: ~/app:' },
    fails: [
      /^2 invalid inputs:\nspec line 1: has nothing behind its last ":"; is an expression empty\?\nspec line 2: has /,
    ],
  },
  'a spec whose lists are all left out': {
    held,
    sources: '',
    inputs: { tags: '', spec: 'tags: ~/app:1\nsources: ""\noptional: true\n' },
    outputs: { published: 'false', changed: 'false', lists: '[]', digest: '', tags: '', image: '' },
    warnings: [],
    check: async (run, t) => {
      assert.equal(await t.served('app:1'), undefined);
      assert.match(run.stdout, /^Nothing to publish: every list is left out$/m);
      assert.match(
        run.summary,
        /^### ⚪ Nothing to publish\n\nEvery list of `spec` is optional, .*\n\n- spec line 1: list 1: left out: /,
      );
    },
  },
  'a spec with problems of its form and of its values': {
    sources: '',
    inputs: {
      tags: '',
      spec: '- tags: ~/app:1\n  sorces: x\n  platforms: linux\n- tags: ~/app\n  sources: ""\n',
    },
    fails: [
      /^5 invalid inputs:\n/,
      /\nspec line 2: list 1: "sorces" is not known; /,
      /\nspec line 1: list 1: has no sources\n/,
      /\nspec line 5: list 2: sources is empty; /,
      /\nspec line 3: list 1: platforms: platform "linux" has no "\/"/,
      /\nspec line 4: list 2: tags: "\S+\/app" has no tag/,
    ],
  },
  'a spec with thousands of problems': {
    sources: '',
    inputs: { tags: '', spec: '- {sources: a, x: y}\n'.repeat(200) },
    fails: [/^600 invalid inputs:\n/, /\n… and 550 more\n/],
    check: (run) => assert.ok(run.stdout.length < 30_000, `${run.stdout.length} characters`),
  },
});
