/** Credential helpers that the action fetches itself. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeImage } from '../../support/images/images.ts';
import { loadedSources } from '../../support/run/loaded-sources.ts';
import type { ActionRun, RunOptions } from '../../support/run/run-action.ts';
import { type Scenario, type ScenarioOptions, scenario } from '../../support/run/scenario.ts';
import { configFile } from '../../support/tokens/handed-logins.ts';
import { startFileServer } from '../../support/wire/file-server.ts';

const asking: ScenarioOptions = { auth: 'basic' };
const digestOf = (text: string, algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(text).digest('hex')}`;

/** A helper that knows one registry's login, and leaves a trace wherever it runs. */
function program(t: Scenario, trace: string): string {
  const { username = '', password = '' } = t.registry.credentials ?? {};
  const answer = JSON.stringify({ ServerURL: t.registry.host, Username: username, Secret: password });
  return `#!/bin/sh\necho "$0" >> '${trace}'\nprintf %s '${answer}'\n`;
}

/** A tool cache and a place for traces that outlive a run. */
function machine(t: Scenario) {
  const directory = mkdtempSync(join(tmpdir(), 'machine-'));
  t.test.after(() => rmSync(directory, { recursive: true }));
  const [cache, trace] = [join(directory, 'tools'), join(directory, 'trace')];
  return {
    env: { RUNNER_TOOL_CACHE: cache },
    trace,
    /** Where helpers ran. */
    runs: () => (existsSync(trace) ? readFileSync(trace, 'utf8').split('\n').filter(Boolean) : []),
    /** Files that were kept. */
    kept: () => globSync('docker-credential-*/*/*/*', { cwd: cache }),
    cache,
  };
}

async function serve(t: Scenario, files: Readonly<Record<string, string>>) {
  const server = await startFileServer(files);
  t.test.after(() => server.close());
  return server;
}

async function publishWith(t: Scenario, lines: string, options: RunOptions = {}): Promise<ActionRun> {
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const { home } = configFile({ credHelpers: { [t.registry.host]: 'fetched' } });
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:1-amd64'), 'credential-helpers': lines };
  return t.publish(inputs, { ...(home && { home }), ...options });
}

scenario('a helper is fetched once, checked, kept and used', asking, async (t) => {
  const { env, trace, runs } = machine(t);
  const helper = program(t, trace);
  const server = await serve(t, { '/v1/fetched': helper });
  const line = `fetched ${server.url}/v1/fetched ${digestOf(helper)}`;
  const first = await publishWith(t, line, { env });
  assert.equal(first.exitCode, 0, first.stdout);
  assert.match(
    first.stdout,
    /docker-credential-fetched: fetched from http:\/\/127\.0\.0\.1:\d+\/v1\/fetched\n/,
  );
  const second = await publishWith(t, line, { env });
  assert.equal(second.exitCode, 0, second.stdout);
  assert.match(second.stdout, /docker-credential-fetched: from the tool cache\n/);
  assert.deepEqual(server.requests, ['/v1/fetched']);
  assert.equal(runs().length, 2);
  // Not where it is kept: other files may lie beside it there.
  assert.ok(runs().every((path) => !path.startsWith(env.RUNNER_TOOL_CACHE)));
  // Steps that follow find it too.
  assert.equal(first.directory.read('GITHUB_PATH').trim(), runs()[0]?.replace(/\/[^/]+$/, ''));
});

scenario('a helper that was changed in the tool cache is not run, but fetched anew', asking, async (t) => {
  const { env, trace, runs, kept, cache } = machine(t);
  const helper = program(t, trace);
  const server = await serve(t, { '/fetched': helper });
  const line = `docker-credential-fetched ${server.url}/fetched ${digestOf(helper)}`;
  await publishWith(t, line, { env });
  const [path = ''] = kept();
  writeFileSync(join(cache, path), `#!/bin/sh\necho evil >> '${trace}'\n`);
  const run = await publishWith(t, line, { env });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(runs().length, 2);
  assert.ok(!runs().includes('evil'));
  assert.equal(server.requests.length, 2);
});

scenario('two helpers come at once, each by its own digest', asking, async (t) => {
  const { env, trace, runs } = machine(t);
  const [helper, other] = [program(t, trace), '#!/bin/sh\nexit 1\n'];
  const server = await serve(t, { '/a': helper, '/b': other });
  const lines = [
    '# for the registry',
    `fetched ${server.url}/a?sig=signature ${digestOf(helper, 'sha512')}`,
    `other ${server.url}/b ${digestOf(other)}`,
  ];
  const run = await publishWith(t, lines.join('\n'), { env });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(runs().length, 1);
  assert.deepEqual(server.requests.toSorted(), ['/a?sig=signature', '/b']);
  assert.match(run.stdout, /::add-mask::\?sig=signature\n/);
  assert.doesNotMatch(run.stdout.replace(/::add-mask::.*/g, ''), /sig=signature/);
});

const other = digestOf('something else');
const problems: readonly { readonly name: string; readonly path: string; readonly digest?: string }[] = [
  { name: 'is another file than was named', path: '/fetched', digest: other },
  { name: 'is not there', path: '/missing' },
  { name: 'is an archive', path: '/fetched.tar.gz' },
  { name: 'is a page', path: '/page' },
  { name: 'is empty', path: '/empty' },
];

for (const { name, path, digest } of problems) {
  scenario(`a helper that ${name} is neither run nor kept`, asking, async (t) => {
    const { env, trace, runs, kept } = machine(t);
    const files: Readonly<Record<string, string>> = {
      '/fetched': program(t, trace),
      '/fetched.tar.gz': '\u001f\u008b archive',
      '/page': '<!doctype html><title>Sign in</title>',
      '/empty': '',
    };
    const server = await serve(t, files);
    const run = await publishWith(
      t,
      `fetched ${server.url}${path} ${digest ?? digestOf(files[path] ?? '')}`,
      { env },
    );
    assert.equal(run.exitCode, 1);
    const told = run.stdout
      .replaceAll(server.url, 'http://releases.test')
      .replaceAll(/sha256:[0-9a-f]{64}/g, '<digest>');
    t.test.assert.snapshot(told.replaceAll(/^::debug::.*\n/gm, ''), { serializers: [String] });
    assert.deepEqual([...runs(), ...kept()], []);
    assert.deepEqual(t.registry.wire, []);
  });
}

scenario('the tool cache is only loaded when there is something to fetch', asking, async (t) => {
  const { env, trace } = machine(t);
  const helper = program(t, trace);
  const server = await serve(t, { '/fetched': helper });
  const toolCache = /@actions\/tool-cache\/lib\/tool-cache\.js/;
  const [without, having] = [loadedSources(t.test), loadedSources(t.test)];
  await publishWith(t, '', { env: { ...env, ...without.env } });
  assert.equal(without.include(toolCache), false);
  await publishWith(t, `fetched ${server.url}/fetched ${digestOf(helper)}`, {
    env: { ...env, ...having.env },
  });
  assert.equal(having.include(toolCache), true);
});
