/** A stranger's token server does not choose what the rest of the job's log hides. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { requestHeader } from '../../../support/wire/wire.ts';

/** Asks for any token at all, and hands out this one. */
function askForToken(registry: TestRegistry, answer: Readonly<Record<string, unknown>>): void {
  registry.inject({
    fault: 'custom',
    apply: async ({ request, origin, proceed }) => {
      if (request.url.pathname === '/token')
        return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
      if (requestHeader(request, 'authorization') !== undefined) return proceed();
      const challenge = `Bearer realm="${origin}/token",service="test"`;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    },
    on: { times: 9999 },
  });
}

const masked = (stdout: string): readonly string[] =>
  stdout.split('\n').flatMap((line) => /^::add-mask::(.*)$/.exec(line)?.[1] ?? []);

async function publishOne(t: Scenario) {
  await t.push('app:amd64', makeImage('linux/amd64'));
  return t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
}

for (const token of ['latest', 'amd64', 'fifteen-letters']) {
  scenario(`the token ${token} is used and not masked`, {}, async (t) => {
    askForToken(t.registry, { token });
    const run = await publishOne(t);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(masked(run.stdout), []);
  });
}

scenario('a token of sixteen characters is masked', {}, async (t) => {
  askForToken(t.registry, { token: 'of-16-characters' });
  const run = await publishOne(t);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(masked(run.stdout), ['of-16-characters']);
});

scenario('a refresh token that nobody uses is not masked', {}, async (t) => {
  const refresh = 'Resolve the sources of linux/amd64';
  askForToken(t.registry, { token: 'a-token-that-is-long-enough', refresh_token: refresh });
  const run = await publishOne(t);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(masked(run.stdout), ['a-token-that-is-long-enough']);
});

scenario('an empty token is refused, and masks nothing', {}, async (t) => {
  askForToken(t.registry, { token: '' });
  const run = await publishOne(t);
  assert.equal(run.exitCode, 1, run.stdout);
  assert.deepEqual(masked(run.stdout), []);
});

for (const missing of [true, false]) {
  scenario(
    `a password within a name that may wrap, of a source that is ${missing ? 'missing' : 'there'}`,
    { auth: 'basic' },
    async (t) => {
      const tag = 'build-of-the-long-running-release-branch-in-process-passphrase-linux-amd64';
      if (!missing) await t.push(`app:${tag}`, makeImage('linux/amd64'));
      const inputs = { tags: t.ref('app:1'), sources: t.ref(`app:${tag}`), 'wait-for-sources': '0' };
      const run = await t.publish({ ...inputs, 'registry-auth': t.registryAuth });
      assert.equal(run.exitCode, missing ? 1 : 0, run.stdout);
      const shown = run.summary.replaceAll('<wbr>', '');
      assert.match(shown, /release-branch-(?:\*|&#42;){3}-linux-amd64/);
      assert.doesNotMatch(shown, /in-process-passphrase/);
    },
  );
}
