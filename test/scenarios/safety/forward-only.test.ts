/** Tags that never go back to an older version. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestContent } from '../../support/images/images.ts';
import type { ActionInputs, ActionRun } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { errorOf, everywhere, methodsOf, warningsOf } from '../evidence.ts';

const image = makeImage('linux/amd64', { name: 'new' });
const versionKey = 'org.opencontainers.image.version';

/** A list that is tagged with a version or has it as its annotation; its image has a label. */
function release(version: string, { label, annotated }: { label?: string; annotated?: boolean } = {}) {
  const labels = label === undefined ? {} : { labels: { version: label } };
  const content = makeImage('linux/amd64', { name: version, ...labels });
  return makeIndex([content], annotated === true ? { annotations: { [versionKey]: version } } : {});
}

interface Setting {
  /** What the tags hold before, by name. */
  readonly held: Readonly<Record<string, TestContent>>;
  readonly source?: TestContent;
  /** Tags of repository app. */
  readonly tags: string;
  readonly inputs?: ActionInputs;
}

async function publish(t: Scenario, { held, source = image, tags, inputs }: Setting): Promise<ActionRun> {
  await t.push('app:built', source);
  for (const [name, content] of Object.entries(held)) await t.push(`app:${name}`, content);
  return t.publish({
    tags: tags
      .split(' ')
      .map((tag) => t.ref(`app:${tag}`))
      .join('\n'),
    sources: t.ref('app:built'),
    'forward-only-tags': 'latest',
    'revision-mismatch': 'allow',
    ...inputs,
  });
}

const digestOf = async (t: Scenario, name: string) => (await t.served(name))?.digest;

scenario('an older version leaves latest where it is', everywhere, async (t) => {
  const old = release('2.0.0', { annotated: true });
  const run = await publish(t, { held: { latest: old }, tags: '1.9.6 latest 1.9' });
  t.snapshot(run, { wire: 'none' });
  assert.equal(run.exitCode, 0, run.stdout);
  const { digest = '', tags, changed, previous, image: first } = run.outputs;
  assert.equal(tags, ['1.9.6', '1.9'].map((tag) => t.ref(`app:${tag}`)).join('\n'));
  assert.equal(run.outputs['held-back'], t.ref('app:latest'));
  assert.deepEqual(Object.keys(JSON.parse(previous ?? '')), tags?.split('\n'));
  assert.equal(await digestOf(t, 'app:1.9.6'), digest);
  assert.equal(await digestOf(t, 'app:latest'), old.digest);
  assert.deepEqual([changed, first], ['true', `${t.ref('app:latest').replace(':latest', '')}@${digest}`]);
  assert.deepEqual(warningsOf(run), []);
});

// A list whose first tag of docker/metadata-action is latest.
scenario(
  'an annotation that is no version is told in the first run, and where it was left',
  {},
  async (t) => {
    const inputs = { annotations: `manifest:${versionKey}=latest` };
    const runs = [];
    for (const version of ['2.0.1', '1.9.1']) {
      const source = makeImage('linux/amd64', { name: version, labels: { version: 'latest' } });
      runs.push(await publish(t, { held: {}, source, tags: `latest ${version}`, inputs }));
    }
    const [first, second] = runs.map(warningsOf);
    const own = (version: string) =>
      `The annotation ${versionKey} of the list is "latest", which is no version, so later runs cannot compare this list with theirs. Set \`annotations: index:${versionKey}=${version}\`.`;
    assert.deepEqual(first, [own('2.0.1')]);
    assert.deepEqual(second?.slice(1), [own('1.9.1')]);
    assert.match(
      second?.[0] ?? '',
      /app:latest: moving to 1\.9\.1, although the version there \(sha256:\w+\) is not known \(its annotation \S+ is "latest"\)\. Set `annotations: \S+=1\.2\.3` on every list/,
    );
  },
);

/** What latest holds, how the new version is stated, and whether latest moves; with a part of the warning, if any. */
const rows: Readonly<Record<string, Setting & { readonly moves: boolean; readonly warns?: RegExp }>> = {
  'a newer version': {
    held: { latest: release('2.0.0', { annotated: true }) },
    tags: '2.0.1 latest',
    moves: true,
  },
  'the same version again': {
    held: { latest: release('2.0.0', { annotated: true }) },
    tags: 'v2.0.0 latest',
    moves: true,
  },
  'a pre-release of it': {
    held: { latest: release('2.0.0', { annotated: true }) },
    tags: '2.0.0-rc.1 latest',
    moves: false,
  },
  'no latest yet': { held: {}, tags: '1.0.0 latest', moves: true },
  'a version by number, not by letter': {
    held: { latest: release('9.0.0', { annotated: true }) },
    tags: '10.0.0 latest',
    moves: true,
  },
  'the highest of several tags': {
    held: { latest: release('2.0.0', { annotated: true }) },
    tags: '1.9.9 v2.1.0 2 latest',
    moves: true,
  },
  'an annotation before the tags': {
    held: { latest: release('2.0.0', { annotated: true }) },
    tags: '2.1.0 latest',
    inputs: { annotations: `${versionKey}=1.9.0` },
    moves: false,
  },
  'a calendar version': {
    held: { latest: release('2026.08.01', { annotated: true }) },
    tags: '2026.07.15 latest',
    moves: false,
  },
  'a version that a tag of the same digest tells': {
    held: { latest: release('2.0.0'), '2.0.0': release('2.0.0') },
    tags: '2.0.0 latest',
    moves: true,
  },
  'labels on both sides': {
    held: { latest: release('two', { label: '2.0.0' }) },
    source: makeImage('linux/amd64', { labels: { version: '1.9.0' } }),
    tags: 'latest',
    moves: false,
  },
  'a label with the platform behind it': {
    held: { latest: release('two', { label: 'v2.0.0-linux-amd64' }) },
    tags: '2.0.0 latest',
    moves: true,
  },
  'labels of a base image': {
    held: { latest: release('one', { label: '22.4.0' }) },
    source: makeImage('linux/amd64', { labels: { version: '24.4.0' } }),
    tags: '1.1.0 latest',
    moves: true,
    warns:
      /app:latest: moving to 1\.1\.0, although the version there \(sha256:\w+\) is not known \(the labels of the new images do not say 1\.1\.0, so labels do not count\)\. Set `annotations: org\.opencontainers\.image\.version=1\.2\.3`/,
  },
  'nothing known of what it holds': {
    held: { latest: release('unknown') },
    tags: '1.0.0 latest',
    moves: true,
    warns: /app:latest: moving to 1\.0\.0, although the version there \(sha256:\w+\) is not known\. Set/,
  },
  'a tag that is not guarded': {
    held: { stable: release('2.0.0', { annotated: true }) },
    tags: '1.0.0 stable',
    inputs: { 'forward-only-tags': '' },
    moves: true,
  },
};

for (const [name, { moves, warns, ...setting }] of Object.entries(rows))
  scenario(`latest ${moves ? 'moves' : 'stays'}: ${name}`, {}, async (t) => {
    const run = await publish(t, setting);
    assert.equal(run.exitCode, 0, run.stdout);
    const guarded = setting.tags.split(' ').at(-1) ?? '';
    const before = setting.held[guarded]?.digest;
    const ours = run.outputs['digest'];
    assert.equal(await digestOf(t, `app:${guarded}`), moves ? ours : before);
    assert.equal(run.outputs['held-back'], moves ? undefined : t.ref(`app:${guarded}`));
    const warnings = warningsOf(run);
    assert.equal(warnings.length, warns === undefined ? 0 : 1, warnings.join('\n'));
    if (warns !== undefined) assert.match(warnings[0] ?? '', warns);
  });

const refused: Readonly<Record<string, Setting & { readonly says: RegExp }>> = {
  'nobody knows the new version': {
    held: { latest: release('2.0.0', { annotated: true }) },
    tags: 'latest 1.9',
    says: /forward-only-tags: \S+app:latest must not go back, but the version of the new list is not known.*\n.*`annotations: org\.opencontainers\.image\.version=1\.2\.3`/s,
  },
};
for (const [name, { says, ...setting }] of Object.entries(refused))
  scenario(`a guarded tag is refused before anything is written when ${name}`, {}, async (t) => {
    const run = await publish(t, setting);
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(errorOf(run).join('\n'), says);
    assert.equal((await digestOf(t, 'app:latest')) ?? '', setting.held['latest']?.digest ?? '');
    assert.equal(await t.served('app:1.9'), undefined);
  });

scenario('a guarded tag whose list cannot be read is refused', {}, async (t) => {
  const old = release('2.0.0', { annotated: true });
  t.registry.inject({
    fault: 'status',
    status: 403,
    on: { method: 'GET', path: new RegExp(`/manifests/${old.digest}$`) },
  });
  const run = await publish(t, { held: { latest: old }, tags: '2.1.0 latest' });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(
    errorOf(run).join('\n'),
    /app:latest must not go back, but .* could not be read: .*\[PREVIOUS_UNREADABLE\]\n.*`forward-only-tags`/s,
  );
  assert.equal(await t.served('app:2.1.0'), undefined);
});

scenario('where all tags stay, nothing is written, copied or removed', {}, async (t) => {
  const old = release('2.0.0', { annotated: true });
  await t.push('elsewhere:built', image);
  await t.push('app:latest', old);
  const before = methodsOf(t);
  const run = await t.publish({
    tags: t.ref('app:latest'),
    sources: t.ref('elsewhere:built'),
    annotations: `${versionKey}=1.9.6`,
    'forward-only-tags': 'latest',
    'purge-sources': 'true',
  });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run, { wire: 'none' });
  const { published, tags, image: first, images, changed, purged, digest } = run.outputs;
  assert.deepEqual([published, tags, first, images, changed, purged], ['false', '', '', '', 'false', '[]']);
  assert.equal(run.outputs['held-back'], t.ref('app:latest'));
  assert.match(digest ?? '', /^sha256:/);
  const after = methodsOf(t);
  for (const method of ['PUT', 'POST', 'DELETE']) assert.equal(after?.[method], before?.[method], method);
  assert.equal((await t.served('elsewhere:built'))?.digest, image.digest);
});

scenario('a repository whose tags all stay is not copied to', {}, async (t) => {
  const old = release('2.0.0', { annotated: true });
  await t.push('app:built', image);
  await t.push('mirror:latest', old);
  const before = t.registry.wire.length;
  const run = await t.publish({
    tags: `${t.ref('mirror:latest')}\n${t.ref('app:1.9.6')}`,
    sources: t.ref('app:built'),
    'forward-only-tags': 'latest',
  });
  assert.equal(run.exitCode, 0, run.stdout);
  const { digest, images, image: first, name } = run.outputs;
  const app = t.ref('app:1').replace(/:1$/, '');
  assert.deepEqual([images, first, name], [`${app}@${digest}`, `${app}@${digest}`, app]);
  const writes = t.registry.wire.slice(before).filter(({ method, path }) => {
    return path.includes('/mirror/') && !['GET', 'HEAD'].includes(method);
  });
  assert.deepEqual(writes, []);
});

scenario('a dry run says which tags would stay', {}, async (t) => {
  const old = release('2.0.0', { annotated: true });
  const run = await publish(t, { held: { latest: old }, tags: '1.9.6 latest', inputs: { push: 'false' } });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match(run.stdout, /app:latest stays at 2\.0\.0 \(sha256:\w+\), because 1\.9\.6 is older/);
  assert.deepEqual([run.outputs['held-back'], run.outputs['published']], [t.ref('app:latest'), 'false']);
  assert.equal(await t.served('app:1.9.6'), undefined);
});

scenario('an amended list has the version of the list that it is made from', {}, async (t) => {
  for (const annotated of [true, false]) {
    const old = release('2.0.0', { annotated });
    const source = makeImage('linux/arm64', { name: String(annotated) });
    const run = await publish(t, {
      held: { latest: old },
      source,
      tags: 'latest',
      inputs: { amend: 'true' },
    });
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(
      [run.outputs['held-back'], run.outputs['platforms']],
      [undefined, 'linux/amd64,linux/arm64'],
    );
    assert.equal(await digestOf(t, 'app:latest'), run.outputs['digest']);
    assert.deepEqual(warningsOf(run), []);
  }
  const again = await publish(t, {
    held: { latest: release('2.0.0', { annotated: true }) },
    tags: 'latest',
    inputs: { amend: 'true', annotations: `${versionKey}=1.9.0` },
  });
  assert.deepEqual([again.exitCode, again.outputs['held-back']], [0, t.ref('app:latest')]);
});

scenario('of several lists, each has its own version', {}, async (t) => {
  await t.push('app:latest', release('2.0.0', { annotated: true }));
  await t.push('worker:latest', release('1.0.0', { annotated: true }));
  for (const name of ['app', 'worker']) await t.push(`${name}:built`, image);
  const entry = (name: string) =>
    `- tags: [${t.ref(`${name}:1.9.6`)}, ${t.ref(`${name}:latest`)}]\n  sources: ${t.ref(`${name}:built`)}\n`;
  const only = `- tags: ${t.ref('app:latest2')}\n  sources: ${t.ref('app:built')}\n  annotations: ${versionKey}=1.0.0\n`;
  await t.push('app:latest2', release('2.0.0', { annotated: true }));
  const run = await t.publish({
    spec: `${only}${entry('app')}${entry('worker')}`,
    'forward-only-tags': 'latest*',
  });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['held-back'], [t.ref('app:latest2'), t.ref('app:latest')].join('\n'));
  assert.equal(run.outputs['published'], 'true');
  const lists = JSON.parse(run.outputs['lists'] ?? '') as readonly {
    tags: string[];
    'held-back': string[];
  }[];
  assert.deepEqual(
    lists.map(({ tags, 'held-back': back }) => [tags.length, back.length]),
    [
      [0, 1],
      [1, 1],
      [2, 0],
    ],
  );
  assert.equal(await digestOf(t, 'worker:latest'), await digestOf(t, 'worker:1.9.6'));
});
