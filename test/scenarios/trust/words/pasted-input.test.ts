/** Pasted input is taken, or named for what it is with what to write instead, in one message. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import type { ActionRun } from '../../../support/run/run-action.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { entriesOf, errorOf, listOf } from '../../evidence.ts';
import { rows } from '../../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

const held = { 'app:amd64': amd64, 'app:arm64': arm64 };

/** The lines of an error that begin with an input's name. */
function problemsOf(run: ActionRun): readonly string[] {
  return errorOf(run).filter((line) => /^(?:tags|sources|platforms|annotations|format)\b.*: /.test(line));
}

const list = /YAML list|"- "|dash/i;

// All of these are named rather than taken: a grammar that takes half of YAML is a guess in the other half.
const pasted: Readonly<Record<string, readonly [input: string, value: string, says: RegExp]>> = {
  'a YAML list of sources': ['sources', '- ~/app:amd64\n- ~/app:arm64', list],
  'a YAML list of tags': ['tags', '- ~/app:1\n- ~/app:2', list],
  'a YAML list of platforms': ['platforms', '- linux/amd64\n- linux/arm64', list],
  'a YAML list of annotations': ['annotations', '- org.example.note=x', list],
  'sources in a folded block': ['sources', '~/app:amd64 ~/app:arm64', /\|/],
  'sources with platforms in a folded block': [
    'sources',
    '~/app:amd64 linux/amd64 ~/app:arm64 linux/arm64',
    /\|/,
  ],
  'tags in a folded block': ['tags', '~/app:1 ~/app:2', /\|/],
  'a comment behind a source': ['sources', '~/app:amd64 # for servers\n~/app:arm64', /comment/],
  'a comment behind a tag': ['tags', '~/app:1 # the release', /comment/],
  'a comment behind a platform': ['platforms', 'linux/amd64 # servers\nlinux/arm64', /comment/],
  'quotes around an annotation': ['annotations', '"org.example.note=two words"', /quot/],
  'single quotes around an annotation': ['annotations', "'org.example.note=two words'", /quot/],
  'an output of a job that is empty': ['sources', '""', /empty/],
  'an output among others that is empty': ['sources', '{"amd64":"~/app:amd64","arm64":""}', /arm64.*empty/],
  'the word null': ['sources', 'null', /\bnull\b.*(?:empty|output|needs)/],
  'null among outputs': ['sources', '{"amd64":"~/app:amd64","arm64":null}', /arm64.*null/],
  'no outputs at all': ['sources', '{}', /\{\}|empty|no outputs/],
  'an empty array': ['sources', '[]', /\[\]|empty/],
};

for (const [name, [input, value, says]] of Object.entries(pasted))
  rows({
    [`${name}: one message says what it is`]: {
      held,
      inputs: { [input]: value },
      fails: says,
      check: async (run, t) => {
        assert.equal(await t.served('app:2'), undefined);
        const problems = problemsOf(run);
        assert.equal(problems.length, 1, run.stdout);
        assert.ok(problems[0]?.startsWith(input), problems[0]);
      },
    },
  });

const note = '"see" #7 and "others" # of "them"';
const [arm, armv7] = [makeImage('linux/arm'), makeImage('linux/arm/v7')];
const bothArm = [
  /\[DUPLICATE_PLATFORM\]/,
  /linux\/arm(?![\w/])/,
  /linux\/arm\/v7/,
  /linux\/arm\/v6|variant=v6/,
];

rows({
  // A value is published as it is written, as imagetools has it: metadata-action puts any text there.
  'an annotation whose value holds a number sign and quotes': {
    inputs: { annotations: `org.example.note=${note}` },
    check: (run) => assert.equal(listOf(run).annotations?.['org.example.note'], note),
  },
  'an empty wait-for-sources is a wait of 15 s': {
    sources: '~/app:missing',
    inputs: { 'wait-for-sources': '' },
    fails: /15 s.*\[SOURCE_MISSING\]/s,
  },
  'an ARM image without a variant is v7, and v6 can be declared': {
    held: { 'app:arm': arm, 'app:armv7': armv7 },
    fails: bothArm,
  },
  'the same in the other order': { held: { 'app:armv7': armv7, 'app:arm': arm }, fails: bothArm },
});

scenario('inputs that are there and empty mean their defaults', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const names = [
    ...['platforms', 'annotations', 'format', 'prefer-index', 'attestations', 'duplicate-platforms'],
    ...['wait-for-sources', 'push', 'purge', 'copy-referrers', 'registry-auth', 'credential-helpers'],
    ...['insecure-registries', 'github-token', 'summary'],
  ];
  for (const empty of ['', '  ']) {
    const inputs = Object.fromEntries(names.map((name) => [name, empty]));
    const run = await t.publish({ ...inputs, tags: t.ref('app:1'), sources: t.ref('app:amd64') });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(entriesOf(run).length, 1);
    assert.notEqual(run.summary, '');
    assert.notEqual(await t.served('app:1'), undefined);
  }
});
