/** Words of servers that logins and connections meet, made to be taken for something else. */
import assert from 'node:assert/strict';
import { startRegistry } from '../../support/registry/registry.ts';
import type { BearerAuth, Challenge } from '../../support/registry/registry-options.ts';
import { withoutMasks } from '../../support/run/leaks.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { scenario } from '../../support/run/scenario.ts';
import { startBearerServer } from '../../support/tokens/bearer-server.ts';
import { configFile, publishOne } from '../../support/tokens/handed-logins.ts';

/** The part of the hostile text that a header may hold. */
const line =
  '::error::stolen ##[error]stolen \u009b31mred <img src=x onerror=alert(1)> [link](http://evil.test) `code`';
const lines = `x\r\n::error::stolen\n::stop-commands::t\n##[add-mask]b \u001b[31m\u001b]8;;http://evil.test\u0007\u202e${line}`;

/** Fails when the log holds a command that is not ours, or anything that a terminal acts on. */
function assertHarmless(run: ActionRun): void {
  // What is masked stands there as it is; the runner looks for no other command in such a line, and shows none of it.
  const shown = withoutMasks(run.stdout);
  const commands = shown.split('\n').filter((each) => /^\s*::/.test(each) || each.includes('##['));
  const own = /^::(?:group|endgroup|error title=[\w -]+|warning|debug)::/;
  for (const command of commands) {
    assert.match(command, own);
    assert.doesNotMatch(command, /##\[|%0[AD]\s*::/);
    assert.ok(!command.startsWith('::error::stolen'), command);
  }
  assert.doesNotMatch(
    shown + run.summary,
    /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
  );
  assert.doesNotMatch(run.summary, /<img|\]\(http(?!s:\/\/github\.invalid\/acme\/)/);
}

const challenges: Readonly<Record<string, (usual: Challenge) => readonly string[]>> = {
  'a scheme': () => ['##-error--stolen!::error::', `Digest realm="${line}"`],
  'the realm': () => [`Bearer realm="${line}"`],
  "the realm's host": () => ['Bearer realm="ftp://xn--error-stolen.##[error]stolen/token"'],
  'service and scope': ({ realm }) => [`Bearer realm="${realm}",service="${line}",scope="${line}"`],
};

for (const [name, challenge] of Object.entries(challenges)) {
  const auth: BearerAuth = { kind: 'bearer', challenge };
  scenario(`hostile words stand in ${name} of a challenge`, { registry: { auth } }, async (t) => {
    const run = await publishOne(t, { input: t.registryAuth, env: { RUNNER_DEBUG: '1' } });
    assert.equal(run.exitCode, 1);
    assertHarmless(run);
  });
}

scenario('hostile words stand in what a token server answers', { registries: 0 }, async (t) => {
  const tokens = await startBearerServer();
  const registry = await startRegistry({ auth: { kind: 'bearer', issuer: tokens } });
  for (const server of [tokens, registry]) t.test.after(() => server.close());
  const body = JSON.stringify({
    token: lines,
    refresh_token: lines,
    error_description: lines,
    errors: [{ code: lines, message: lines }],
  });
  for (const status of [200, 401, 418]) {
    tokens.inject({ fault: 'status', status, body, on: { times: 1 } });
    const input = JSON.stringify([
      { registry: registry.host, username: 'tester', password: 'in-process-passphrase' },
    ]);
    const run = await publishOne(t, { input, env: { RUNNER_DEBUG: '1' } }, { registry });
    assert.equal(run.exitCode, 1);
    assertHarmless(run);
  }
});

for (const [name, location] of [
  ['path', `/v2/${line}`],
  ['host', 'http://##[error]stolen/'],
  ['user name', `http://${encodeURIComponent(line)}@127.0.0.1:9/`],
] as const) {
  scenario(`hostile words stand in the ${name} of a redirect`, {}, async (t) => {
    t.registry.inject({
      fault: 'status',
      status: 308,
      headers: { location },
      on: { method: 'PUT', times: 99 },
    });
    const run = await publishOne(t, { env: { RUNNER_DEBUG: '1' } });
    assert.equal(run.exitCode, 1);
    assertHarmless(run);
  });
}

scenario('hostile words stand in the headers of an accepted push', {}, async (t) => {
  const set = {
    'docker-content-digest': line,
    'oci-subject': line,
    warning: `299 - "${line}"`,
    'content-type': line,
  };
  t.registry.inject({ fault: 'headers', set, on: { method: 'PUT', times: 99 } });
  const run = await publishOne(t, { env: { RUNNER_DEBUG: '1' } });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assertHarmless(run);
  assert.match(run.outputs['digest'] ?? '', /^sha256:[0-9a-f]{64}$/);
});

scenario("hostile words stand in the name of docker's directory", { auth: 'basic' }, async (t) => {
  const directory = '##[error]stolen\n::error::stolen\u001b[31m';
  const run = await publishOne(t, {
    workspace: { [`${directory}/config.json`]: '{' },
    env: { DOCKER_CONFIG: directory },
  });
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /is not valid JSON/);
  assertHarmless(run);
});

scenario('hostile words stand in config.json', { auth: 'basic' }, async (t) => {
  const { host } = t.registry;
  for (const config of [
    { credHelpers: { [host]: lines } },
    { auths: { [lines]: {}, [host]: { auth: lines } } },
    { HttpHeaders: { 'x-meta': line.replace('\u009b', ''), '::error::stolen': 'x' } },
  ]) {
    const run = await publishOne(t, { ...configFile(config), env: { RUNNER_DEBUG: '1' } });
    assert.equal(run.exitCode, 1);
    assertHarmless(run);
  }
});
