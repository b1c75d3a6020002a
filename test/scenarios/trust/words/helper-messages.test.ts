/** Messages name the credential helper and its place in the configuration, and never show its secrets. */
import assert from 'node:assert/strict';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { credentialPrograms, type HelperManner } from '../../../support/tokens/credential-programs.ts';
import {
  authOf,
  configFile,
  type Handing,
  loginOf,
  publishOne,
} from '../../../support/tokens/handed-logins.ts';
import { errorOf } from '../../evidence.ts';

const asking = { auth: 'basic' } as const;

/** A helper that is configured for the registry and behaves like this. */
function helper(
  t: Scenario,
  manner: HelperManner,
  where: 'credHelpers' | 'credsStore' = 'credHelpers',
): Handing {
  const config =
    where === 'credsStore' ? { credsStore: 'own' } : { credHelpers: { [t.registry.host]: 'own' } };
  const { path } = credentialPrograms({ own: manner });
  return { ...configFile(config), env: { PATH: path } };
}

for (const where of ['credHelpers', 'credsStore'] as const) {
  scenario(`a helper in ${where} that has nothing is named, with its place`, asking, async (t) => {
    const run = await publishOne(t, helper(t, { knows: {} }, where));
    assert.equal(run.exitCode, 1, run.stdout);
    const said = errorOf(run).join('\n');
    assert.match(said, /docker-credential-own/);
    assert.match(said, new RegExp(`config\\.json[^\\n]*${where}|${where}[^\\n]*config\\.json`));
  });
}

scenario('each step of the search for a login is a line of the debug log', asking, async (t) => {
  const { host } = t.registry;
  const login = t.registry.credentials ?? loginOf('tester');
  const config = { credHelpers: { [host]: 'own' }, auths: authOf(host, login) };
  const { path } = credentialPrograms({ own: { knows: {} } });
  const handing = { ...configFile(config), env: { PATH: path, RUNNER_DEBUG: '1' } };
  const run = await publishOne(t, handing);
  assert.equal(run.exitCode, 0, run.stdout);
  const steps = run.stdout.split('\n').filter((line) => line.startsWith('::debug::'));
  for (const step of [/registry-auth/, /DOCKER_AUTH_CONFIG/, /docker-credential-own/, /config\.json/]) {
    assert.ok(
      steps.some((line) => step.test(line) && line.includes(host)),
      `${step} in\n${steps.join('\n')}`,
    );
  }
});

scenario('a run without debug logging tells nothing of the search', asking, async (t) => {
  const login = t.registry.credentials ?? loginOf('tester');
  const run = await publishOne(t, configFile({ auths: authOf(t.registry.host, login) }));
  assert.equal(run.exitCode, 0, run.stdout);
  assert.doesNotMatch(run.stdout, /::debug::|DOCKER_AUTH_CONFIG/);
});

scenario('the standard error of a failing helper is shown', asking, async (t) => {
  const does = 'echo "could not refresh the session: the vault is sealed" >&2\nexit 1';
  const run = await publishOne(t, helper(t, { does }));
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /the vault is sealed.*\[CREDENTIAL_HELPER\]/s);
});

for (const does of ['exit 1', 'echo nonsense', 'echo "{}"', 'kill -9 $$']) {
  scenario(
    `the hint for a helper that does "${does}" prints no secret when it is followed`,
    asking,
    async (t) => {
      const run = await publishOne(t, helper(t, { does }));
      assert.equal(run.exitCode, 1, run.stdout);
      assert.doesNotMatch(errorOf(run).join('\n'), /docker-credential-own get(?!\b.*(?:\/dev\/null|jq))/);
    },
  );
}
