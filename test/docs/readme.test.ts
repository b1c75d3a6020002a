import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { fencesOf, page, proseOf, root } from './markdown.ts';
import { ownActions } from './workflow/own-actions.ts';

const readme = page('README.md');

/** The promises of the first screen, each with the tests that keep it: a file, and words of its tests. */
const keptBy: readonly (readonly [promise: string, ...tests: (readonly [file: string, name: string])[]])[] = [
  [
    'All tags or none.',
    ['test/scenarios/faults/faults-tags.test.ts', 'a tag whose push is denied takes the others back'],
    ['test/scenarios/faults/faults-tags.test.ts', 'a tag that cannot be put back is reported, never hidden'],
    ['test/scenarios/faults/faults-read-back.test.ts', 'confirmed and never shown'],
  ],
  [
    'No platform disappears unseen, no tag goes back.',
    [
      'test/scenarios/safety/guards.test.ts',
      'platforms that a tag serves and the new list lacks are a warning',
    ],
    ['test/scenarios/safety/guards.test.ts', 'removed-platforms: error refuses before anything is written'],
    ['test/scenarios/safety/guards.test.ts', 'immutable tags are created, keep their list, and do not move'],
    ['test/scenarios/safety/forward-only.test.ts', 'an older version leaves latest where it is'],
  ],
  [
    'The same bytes',
    [
      'test/real/docker-bytes.test.ts',
      'pushed by `docker manifest create`, `annotate`, `push` and by the action',
    ],
    ['test/unit/pipeline/assemble.test.ts', 'as imagetools normalises it'],
  ],
  [
    'Nothing to install.',
    ['test/scenarios/credentials/credentials-hosts.test.ts', "the job's token logs in to ghcr.io"],
  ],
  ['Fast.', ['test/scenarios/network/round-trips.test.ts', 'waves`']],
];

describe('README.md', () => {
  test('and those of the other actions show the inputs and outputs that action.yml has', () => {
    const script = join(root, '.github', 'readme-tables.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });

  test('has its tables marked, so that they can be written again', () => {
    for (const folder of ownActions.keys())
      for (const kind of ['inputs', 'outputs']) {
        const file = posix.join(folder, 'action.yml');
        const { text } = page(folder === '.' ? 'docs/INPUTS.md' : posix.join(folder, 'README.md'));
        assert.ok(text.includes(`<!-- ${kind} of ${file} -->\n| `), `${kind} of ${file}`);
      }
  });

  test('shows the commands that people have and the step that replaces them, on its first screen', () => {
    const [commands, step] = fencesOf(readme);
    assert.ok(Number(commands?.place.split(':')[1]) <= 25, commands?.place);
    assert.match(
      commands?.text ?? '',
      /^docker manifest create .*\ndocker manifest annotate .*\n.*\ndocker manifest push /,
    );
    assert.equal(step?.language, 'yaml');
    assert.ok((step?.text.trim().split('\n').length ?? 0) <= 12);
    assert.match(readme.text.split('```yaml')[0] ?? '', /Replace `OWNER`/);
  });

  test('makes no promise on its first screen that no test keeps', () => {
    const promises = [...readme.text.matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, promise = '']) => promise);
    assert.deepEqual(
      promises.slice(0, keptBy.length),
      keptBy.map(([promise]) => promise),
    );
    for (const [promise, ...tests] of keptBy)
      for (const [file, name] of tests)
        assert.ok(readFileSync(join(root, file), 'utf8').includes(name), `${promise} ${file}: ${name}`);
  });

  test('grants in its first step what a push to GHCR needs', () => {
    const [, step] = fencesOf(readme);
    assert.match(step?.text ?? '', /^permissions:\n {2}packages: write/);
  });

  test('fits in 300 lines', () => assert.ok(readme.text.trimEnd().split('\n').length <= 300));

  test('has the round trips that were measured, as the first table of the benchmarks', () => {
    const [first = '', ...sections] = page('docs/BENCHMARKS.md').text.split(
      '### Plain HTTP, no login: 7 sources, 1 tag\n',
    );
    const ofTool = (section: string, tool: string) =>
      new RegExp(
        `^#### ${section}\\n(?:\\n|\\|.*\\n)*?\\| ${tool} \\|(?: \\d+ \\|){3} (\\d+)\\.0 \\|`,
        'm',
      ).exec(page('docs/BENCHMARKS.md').text)?.[1];
    const withTokens = 'TLS, HTTP/2, bearer tokens, token server on the same host: 7 sources, 1 tag';
    const [action, buildx] = ['this action', 'docker buildx imagetools create'].map((tool) =>
      ofTool(withTokens, tool),
    );
    const sentence = `With TLS and tokens, this action waits for ${action} round trips, and imagetools for ${buildx}.`;
    assert.ok(first.replaceAll(/\s+/g, ' ').includes(sentence), sentence);
    const rowsOf = (text = '', line: RegExp) => [...text.matchAll(line)].map(([, ...cells]) => cells);
    const short = rowsOf(first.split('## How it was measured')[0], /^\| ([^|]+) \| (\d+) \| (\d+) \|$/gm);
    const measured = rowsOf(
      sections[0]?.split('### ')[0],
      /^\| ([^|]+) \| (\d+) \| \d+ \| \d+ \| (\d+)\.0 \|/gm,
    ).map(([tool, requests, depth]) => [tool, depth, requests]);
    assert.deepEqual(short.toSorted(), measured.toSorted());
    const roundTrips = Object.fromEntries(short.map(([tool, depth]) => [tool, depth]));
    const [, ...told] =
      /waits for (\d+) round trips[^.]*`imagetools create` waits for (\d+) and `docker manifest` for (\d+)/.exec(
        readme.text,
      ) ?? [];
    assert.deepEqual(
      told,
      ['this action', 'docker buildx imagetools create', 'docker manifest create, push'].map(
        (tool) => roundTrips[tool],
      ),
    );
  });

  test('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const texts = [...fencesOf(readme).map(({ text }) => text), proseOf(readme)].join('\n');
    const named = [...texts.matchAll(/\bnpm (?:run )?([a-z:-]+)/g)].map(([, name = '']) => name);
    const found = named.filter((name) => !['ci', 'install'].includes(name) && !(name in scripts));
    assert.deepEqual(found, []);
    for (const name of ['demo', 'test']) assert.ok(named.includes(name), name);
  });

  test('has two commands that install what they need', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const name of ['demo', 'test']) assert.match(scripts[name], /^node \.github\/run\.mjs /);
  });
});
