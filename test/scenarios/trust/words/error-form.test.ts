/** The form of every error: a title, one line of cause, one of remedy, and where more is written. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { makeImage } from '../../../support/images/images.ts';
import type { ActionRun } from '../../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { errorOf } from '../../evidence.ts';

const troubleshooting = readFileSync(new URL('../../../../docs/TROUBLESHOOTING.md', import.meta.url), 'utf8');
const anchors = new Set(
  [...troubleshooting.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  ),
);

interface Failing {
  readonly inputs?: (t: Scenario) => Record<string, string>;
  readonly code: string;
}

const failing: Readonly<Record<string, Failing>> = {
  'an input that is wrong': { inputs: () => ({ format: 'zip' }), code: 'INPUT' },
  'several inputs that are wrong': { inputs: () => ({ format: 'zip', push: 'perhaps' }), code: 'INPUT' },
  'a missing source': { inputs: (t) => ({ sources: t.ref('app:missing') }), code: 'SOURCE_MISSING' },
  'a contradiction': {
    inputs: (t) => ({ sources: `${t.ref('app:amd64')} linux/arm64` }),
    code: 'PLATFORM_MISMATCH',
  },
  'a file that is not there': { inputs: () => ({ sources: 'metadata:build.json' }), code: 'SOURCE_FILE' },
};

for (const [name, { inputs, code }] of Object.entries(failing)) {
  scenario(`${name}: title, cause, remedy and link`, {}, async (t) => {
    await t.push('app:amd64', makeImage('linux/amd64'));
    const base = { tags: t.ref('app:1'), sources: t.ref('app:amd64'), 'wait-for-sources': '0' };
    const run = await t.publish({ ...base, ...inputs?.(t) });
    assert.equal(run.exitCode, 1, run.stdout);
    assertForm(run, code);
  });
}

function assertForm(run: ActionRun, code: string): void {
  const [command = ''] = run.stdout.split('\n').filter((line) => line.startsWith('::error'));
  const title = /^::error title=([^:,]+)::/.exec(command)?.[1] ?? '';
  assert.ok(title.length > 5 && title.length <= 60, command);
  const lines = errorOf(run).filter((line) => line !== '');
  const link = lines.at(-1) ?? '';
  // The link leads to the version that ran, so that old pins find their own words.
  assert.match(link, /https:\/\/\S+\/docs\/TROUBLESHOOTING\.md#\S+$/);
  const anchor = link.split('#').at(-1) ?? '';
  assert.equal(anchor, code.toLowerCase());
  assert.ok(anchors.has(anchor), anchor);
  const remedy = lines.at(-2) ?? '';
  assert.match(remedy, /^[A-Z][a-z]+ /);
  if (code !== 'INPUT') assert.equal(lines.length, 3, lines.join('\n'));
  assert.ok(lines.join('\n').includes(code === 'INPUT' ? 'format' : `[${code}]`));
}

scenario('a link leads to the repository and the version that the step uses', {}, async (t) => {
  const env = {
    GITHUB_SERVER_URL: 'https://github.example.test',
    GITHUB_ACTION_REPOSITORY: 'acme/multiarch-manifest-action',
    GITHUB_ACTION_REF: 'v1.2.3',
  };
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'metadata:build.json' }, { env });
  const where =
    'https://github.example.test/acme/multiarch-manifest-action/blob/v1.2.3/docs/TROUBLESHOOTING.md#source_file';
  assert.ok(errorOf(run).join('\n').includes(where), run.stdout);
});

scenario('a step of a local checkout has no link that leads nowhere', {}, async (t) => {
  const env = { GITHUB_ACTION_REPOSITORY: '', GITHUB_ACTION_REF: '' };
  const run = await t.publish({ tags: t.ref('app:1'), sources: 'metadata:build.json' }, { env });
  assert.match(errorOf(run).join('\n'), /docs\/TROUBLESHOOTING\.md#source_file/);
  assert.doesNotMatch(errorOf(run).join('\n'), /undefined|\/\/docs|blob\/\//);
});
