/** Credential helpers that do not do what they should, as real programs. */
import assert from 'node:assert/strict';
import { askCredentialHelper } from '../../../src/credentials/credential-helper.ts';
import { connectRegistries } from '../../../src/registry/connect.ts';
import { AuthError } from '../../../src/run/errors.ts';
import { makeImage } from '../../support/images/images.ts';
import type { AccountCredentials } from '../../support/registry/registry-handle.ts';
import { type ScenarioOptions, scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { credentialPrograms, type HelperManner } from '../../support/tokens/credential-programs.ts';
import { configFile, loginOf, publishOne, usersOf } from '../../support/tokens/handed-logins.ts';

const asking: ScenarioOptions = { auth: 'basic' };
const said = secret('what-no-helper-should-say');

const manners: Readonly<Record<string, HelperManner>> = {
  rubbish: { does: `echo 'Please log in: ${said}'` },
  failing: { does: `echo 'error getting credentials: ${said}'; echo '${said}' >&2; exit 3` },
  silent: { does: 'true' },
  half: { does: `echo '{"ServerURL":"x","Username":"${said}"}'` },
  endless: { does: `yes '${said}'` },
};

for (const name of [...Object.keys(manners), 'missing']) {
  scenario(`docker-credential-${name} is named, and nothing that it says is shown`, asking, async (t) => {
    const { path } = credentialPrograms(manners);
    const config = configFile({ credHelpers: { [t.registry.host]: name } });
    const run = await publishOne(t, { ...config, env: { PATH: path, RUNNER_DEBUG: '1' } });
    const stdout = run.stdout.replaceAll(/^::debug::.*\n/gm, '');
    t.snapshot({ ...run, stdout }, { wire: 'none' });
    assert.equal(run.exitCode, 1);
    assert.deepEqual(usersOf(t.registry.wire), []);
  });
}

const two: ScenarioOptions = { registries: 2, auth: 'basic' };

scenario('a broken helper fails only its own registry', two, async (t) => {
  const [one, other] = t.registries;
  assert.ok(one?.credentials && other !== undefined);
  const programs = credentialPrograms({ ...manners, steady: { knows: { [one.host]: one.credentials } } });
  const config = configFile({
    credsStore: 'rubbish',
    credHelpers: { [one.host]: 'steady', [other.host]: 'missing', 'elsewhere.test': 'failing' },
  });
  const options = { ...config, env: { PATH: programs.path } };
  const run = await publishOne(t, options);
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(programs.calls(), [`steady get ${one.host}`]);

  const failing = await publishOne(t, options, { registry: other });
  assert.equal(failing.exitCode, 1);
  assert.match(
    failing.stdout,
    new RegExp(`docker-credential-missing failed to give a login for ${other.host}`),
  );
});

scenario('a registry that asks for no login asks no helper', {}, async (t) => {
  const programs = credentialPrograms(manners);
  const run = await publishOne(t, { ...configFile({ credsStore: 'failing' }), env: { PATH: programs.path } });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(programs.calls(), []);
});

scenario('a helper is asked once for all that a registry needs', asking, async (t) => {
  const { host, credentials } = t.registry;
  assert.ok(credentials);
  const programs = credentialPrograms({ steady: { knows: { [host]: credentials } } });
  for (const name of ['a:1', 'b:1', 'c:1']) await t.push(name, makeImage('linux/amd64'));
  const run = await t.publish(
    {
      tags: `${host}/x:1\n${host}/y:1`,
      sources: `${host}/a:1\n${host}/b:1 linux/amd64\n${host}/c:1`,
      'duplicate-platforms': 'first',
    },
    { ...configFile({ credsStore: 'steady' }), env: { PATH: programs.path } },
  );
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.deepEqual(programs.calls(), [`steady get ${host}`]);
});

scenario('a helper that knows nobody leaves the login in config.json', asking, async (t) => {
  const { host, credentials } = t.registry;
  assert.ok(credentials);
  const programs = credentialPrograms({
    empty: { knows: {} },
    blank: { does: `echo '{"Username":"","Secret":""}'` },
  });
  for (const name of ['empty', 'blank']) {
    const config = configFile({
      credHelpers: { [host]: name },
      credsStore: 'empty',
      auths: { [host]: credentials },
    });
    const run = await publishOne(t, { ...config, env: { PATH: programs.path } });
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  }
});

// In this process, for no run should wait the 30 seconds that a helper really has.
scenario('a helper that hangs fails its own registry in time, and ends', two, async (t) => {
  const [hung, other] = t.registries;
  assert.ok(hung && other?.credentials);
  const { path } = credentialPrograms({
    hanging: { does: 'sleep 60' },
    steady: { knows: { [other.host]: other.credentials } },
  });
  const config = { credHelpers: { [hung.host]: 'hanging', [other.host]: 'steady' } };
  const environment = { PATH: path, DOCKER_AUTH_CONFIG: JSON.stringify(config) };
  const { client, close } = connectRegistries({
    registryAuth: [],
    environment,
    home: '/nonexistent',
    insecureRegistries: new Set(),
    observer: { debug: () => {}, info: () => {}, warning: () => {}, secret: () => {} },
    askHelper: (name, host) => askCredentialHelper(name, host, { environment, timeout: 300 }),
  });
  t.test.after(close);
  const [failed, found] = await Promise.allSettled(
    [hung, other].map(({ host }) => client.headManifest({ registry: host, path: 'app' }, '1')),
  );
  assert.ok(failed?.status === 'rejected' && failed.reason instanceof AuthError);
  assert.equal(
    failed.reason.message,
    `docker-credential-hanging failed to give a login for ${hung.host}: it did not answer within 0.3 s`,
  );
  assert.deepEqual(found, { status: 'fulfilled', value: undefined });
});

const odd: readonly AccountCredentials[] = [
  loginOf('with "quotes" and \\'),
  loginOf("o'hara"),
  loginOf('名前'),
];

for (const login of odd) {
  const registry = {
    auth: { kind: 'basic', accounts: [{ ...login, access: { '*': ['pull', 'push'] } }] },
  } as const;
  scenario(`a helper knows <${login.username}>`, { registry }, async (t) => {
    const programs = credentialPrograms({ steady: { knows: { [t.registry.host]: login } } });
    const run = await publishOne(t, {
      ...configFile({ credsStore: 'steady' }),
      env: { PATH: programs.path },
    });
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  });
}
