/** Credential helpers that do not do what they should, as real programs. */
import assert from 'node:assert/strict';
import { type ScenarioOptions, scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { credentialPrograms, type HelperManner } from '../../support/tokens/credential-programs.ts';
import { configFile, publishOne, usersOf } from '../../support/tokens/handed-logins.ts';

const asking: ScenarioOptions = { auth: 'basic' };
const said = secret('what-no-helper-should-say');

const manners: Readonly<Record<string, HelperManner>> = {
  rubbish: { does: `echo 'Please log in: ${said}'` },
  failing: { does: `echo 'error getting credentials: ${said}'; echo '${said}' >&2; exit 3` },
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
