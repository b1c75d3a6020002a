/** What people paste: each is taken, or named for what it is with what to write instead, in one message. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import type { ActionRun } from '../../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf } from '../../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

/** Problems that a run tells: lines that begin with an input's name. */
function problemsOf(run: ActionRun): readonly string[] {
  return errorOf(run).filter((line) => /^(?:tags|sources|platforms|annotations|format)\b.*: /.test(line));
}

interface Pasted {
  readonly inputs: (t: Scenario) => Record<string, string>;
  /** The input at fault. */
  readonly input: string;
  readonly says: RegExp;
}

const both = (t: Scenario): readonly [string, string] => [t.ref('app:amd64'), t.ref('app:arm64')];

// All of these are named rather than taken: a grammar that takes half of YAML is a guess in the other half.
const pasted: Readonly<Record<string, Pasted>> = {
  'a YAML list of sources': {
    inputs: (t) => ({
      sources: both(t)
        .map((ref) => `- ${ref}`)
        .join('\n'),
    }),
    input: 'sources',
    says: /YAML list|"- "|dash/i,
  },
  'a YAML list of tags': {
    inputs: (t) => ({ tags: `- ${t.ref('app:1')}\n- ${t.ref('app:2')}` }),
    input: 'tags',
    says: /YAML list|"- "|dash/i,
  },
  'a YAML list of platforms': {
    inputs: () => ({ platforms: '- linux/amd64\n- linux/arm64' }),
    input: 'platforms',
    says: /YAML list|"- "|dash/i,
  },
  'a YAML list of annotations': {
    inputs: () => ({ annotations: '- org.example.note=x' }),
    input: 'annotations',
    says: /YAML list|"- "|dash/i,
  },
  'sources in a folded block': {
    inputs: (t) => ({ sources: both(t).join(' ') }),
    input: 'sources',
    says: /\|/,
  },
  'sources with platforms in a folded block': {
    inputs: (t) => ({ sources: `${t.ref('app:amd64')} linux/amd64 ${t.ref('app:arm64')} linux/arm64` }),
    input: 'sources',
    says: /\|/,
  },
  'tags in a folded block': {
    inputs: (t) => ({ tags: `${t.ref('app:1')} ${t.ref('app:2')}` }),
    input: 'tags',
    says: /\|/,
  },
  'a comment behind a source': {
    inputs: (t) => ({ sources: `${t.ref('app:amd64')} # for servers\n${t.ref('app:arm64')}` }),
    input: 'sources',
    says: /comment/,
  },
  'a comment behind a tag': {
    inputs: (t) => ({ tags: `${t.ref('app:1')} # the release` }),
    input: 'tags',
    says: /comment/,
  },
  'a comment behind a platform': {
    inputs: () => ({ platforms: 'linux/amd64 # servers\nlinux/arm64' }),
    input: 'platforms',
    says: /comment/,
  },
  'quotes around an annotation': {
    inputs: () => ({ annotations: '"org.example.note=two words"' }),
    input: 'annotations',
    says: /quot/,
  },
  'single quotes around an annotation': {
    inputs: () => ({ annotations: "'org.example.note=two words'" }),
    input: 'annotations',
    says: /quot/,
  },
  'an output of a job that is empty': {
    inputs: () => ({ sources: '""' }),
    input: 'sources',
    says: /empty/,
  },
  'an output among others that is empty': {
    inputs: (t) => ({ sources: JSON.stringify({ amd64: t.ref('app:amd64'), arm64: '' }) }),
    input: 'sources',
    says: /arm64.*empty/,
  },
  'the word null': {
    inputs: () => ({ sources: 'null' }),
    input: 'sources',
    says: /\bnull\b.*(?:empty|output|needs)/,
  },
  'null among outputs': {
    inputs: (t) => ({ sources: JSON.stringify({ amd64: t.ref('app:amd64'), arm64: null }) }),
    input: 'sources',
    says: /arm64.*null/,
  },
  'no outputs at all': { inputs: () => ({ sources: '{}' }), input: 'sources', says: /\{\}|empty|no outputs/ },
  'an empty array': { inputs: () => ({ sources: '[]' }), input: 'sources', says: /\[\]|empty/ },
};

for (const [name, { inputs, input, says }] of Object.entries(pasted)) {
  scenario(`${name}: one message says what it is`, {}, async (t) => {
    await t.push('app:amd64', amd64);
    await t.push('app:arm64', arm64);
    const run = await t.publish({ tags: t.ref('app:1'), sources: both(t).join('\n'), ...inputs(t) });
    await assertNothingDone(t, run, ['app:1', 'app:2']);
    const problems = problemsOf(run);
    assert.equal(problems.length, 1, run.stdout);
    assert.ok(problems[0]?.startsWith(input), problems[0]);
    assert.match(errorOf(run).join('\n'), says);
  });
}

// A value is published as it is written, as imagetools has it: metadata-action puts any text there.
scenario('an annotation whose value holds a number sign and quotes', {}, async (t) => {
  await t.push('app:amd64', amd64);
  const annotations = 'org.example.note="see" #7 and "others" # of "them"';
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64'), annotations });
  assert.equal(run.exitCode, 0, run.stdout);
  const list = JSON.parse(run.outputs['json'] ?? '') as { annotations: Record<string, string> };
  assert.equal(list.annotations['org.example.note'], '"see" #7 and "others" # of "them"');
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

scenario('an empty wait-for-sources is a wait of 15 s', {}, async (t) => {
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:missing'), 'wait-for-sources': '' };
  const run = await t.publish(inputs);
  assert.match(errorOf(run).join('\n'), /15 s.*\[SOURCE_MISSING\]/s);
});

for (const sources of [
  ['app:arm', 'app:armv7'],
  ['app:armv7', 'app:arm'],
] as const) {
  scenario(`${sources.join(' beside ')}: both are ARM v7, and v6 can be declared`, {}, async (t) => {
    await t.push('app:arm', makeImage('linux/arm'));
    await t.push('app:armv7', makeImage('linux/arm/v7'));
    const run = await t.publish({
      tags: t.ref('app:1'),
      sources: sources.map((name) => t.ref(name)).join('\n'),
    });
    await assertNothingDone(t, run, ['app:1']);
    const said = errorOf(run).join('\n');
    assert.match(said, /\[DUPLICATE_PLATFORM\]/);
    for (const part of [/linux\/arm(?![\w/])/, /linux\/arm\/v7/, /linux\/arm\/v6|variant=v6/])
      assert.match(said, part);
  });
}
