/** Names without their registry, images of this machine, passwords that YAML cut: what the hint says when it fails. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { secret } from '../../../support/run/secrets.ts';
import { loginOf } from '../../../support/tokens/handed-logins.ts';
import { startNamedRegistry } from '../../../support/tokens/named-registry.ts';
import { errorOf } from '../../evidence.ts';

const alone = { registries: 0 };
const account = { ...loginOf('dockerid'), access: { '*': ['pull', 'push'] } };

/** Docker Hub, where everybody may read; nobody may push without a login. */
async function hub(t: Scenario) {
  const names = ['registry-1.docker.io', 'auth.docker.io'] as const;
  const service = 'registry.docker.io';
  return startNamedRegistry(t, {
    names,
    service,
    accounts: [account],
    anonymous: { '*': ['pull'] },
  });
}

const local = ' An image that only this machine has must be pushed first.';
const failures: readonly (readonly [
  name: string,
  inputs: { readonly tags: string; readonly sources: string },
  hint: string | undefined,
])[] = [
  [
    'a source without its registry',
    { tags: 'registry.example/acme/app:1', sources: 'acme/app:1-amd64' },
    `"acme/app" means docker.io/acme/app. For another registry, write registry.example/acme/app.${local} Check that`,
  ],
  [
    'an image of this machine',
    { tags: 'ghcr.io/acme/app:1', sources: 'app:1-amd64 linux/amd64' },
    `"app" means docker.io/library/app. For another registry, write ghcr.io/OWNER/app.${local} Check that`,
  ],
  [
    'an output without its registry',
    { tags: 'ghcr.io/acme/app:1', sources: '{"amd64":"acme/app:1-amd64"}' },
    `"acme/app" means docker.io/acme/app. For another registry, write ghcr.io/acme/app.${local} Check that`,
  ],
  [
    'a name with docker.io',
    { tags: 'ghcr.io/acme/app:1', sources: 'docker.io/acme/app:1-amd64' },
    'Check that the job that pushes it ran before this step',
  ],
  [
    'a placeholder of manifest-tool',
    { tags: 'ghcr.io/acme/app:1', sources: 'docker.io/acme/app:1-ARCHVARIANT' },
    'ARCHVARIANT is a placeholder of manifest-tool: write {arch}{variant} and set `platforms`. Check that',
  ],
];

for (const [name, inputs, hint] of failures)
  scenario(`${name}: what a missing source says`, alone, async (t) => {
    const at = await hub(t);
    const run = await t.publish({ ...inputs, 'wait-for-sources': '0' }, { env: at.env });
    assert.equal(run.exitCode, 1, run.stdout);
    const [headline = '', said = ''] = errorOf(run);
    assert.match(headline, /^sources line 1: docker\.io\/\S+ does not exist \[SOURCE_MISSING\]$/);
    assert.ok(said.startsWith(hint ?? ''), said);
  });

scenario('a tag without its registry', alone, async (t) => {
  const at = await hub(t);
  await t.push('acme/app:1-amd64', makeImage('linux/amd64'), at.registry);
  const inputs = { tags: 'acme/app:1', sources: 'docker.io/acme/app:1-amd64' };
  const run = await t.publish(inputs, { env: at.env });
  assert.equal(run.exitCode, 1, run.stdout);
  const [, said = ''] = errorOf(run);
  assert.match(
    said,
    /^"acme\/app" means docker\.io\/acme\/app\. For another registry, write ghcr\.io\/acme\/app\. Log in to docker\.io/,
  );
});

scenario(
  "a tag without its registry in manifest-tool's form, and a registry that does not answer",
  alone,
  async (t) => {
    const at = await hub(t);
    const spec = 'image: acme/app:1\nmanifests:\n  - image: docker.io/acme/app:1-amd64\n';
    await t.push('acme/app:1-amd64', makeImage('linux/amd64'), at.registry);
    const refused = await t.publish({ tags: '', spec }, { env: at.env });
    assert.match(errorOf(refused)[1] ?? '', /^"acme\/app" means docker\.io\/acme\/app\. /);
    at.registry.inject({ fault: 'status', status: 503, on: {} });
    const silent = await t.publish({ tags: 'ghcr.io/acme/app:1', sources: 'acme/app:1' }, { env: at.env });
    assert.match(errorOf(silent)[1] ?? '', /^"acme\/app" means docker\.io\/acme\/app\. /);
  },
);

scenario('a password that YAML cut at "#"', alone, async (t) => {
  const at = await hub(t);
  await t.push('acme/app:1-amd64', makeImage('linux/amd64'), at.registry);
  const password = secret('cut-here-4711');
  const run = await t.publish(
    {
      tags: 'docker.io/acme/app:1',
      sources: 'docker.io/acme/app:1-amd64',
      'registry-auth': `- registry: docker.io\n  username: dockerid\n  password: ${password} #rest\n`,
    },
    { env: at.env },
  );
  assert.equal(run.exitCode, 1, run.stdout);
  const [headline = '', ...hints] = errorOf(run);
  assert.match(
    headline,
    /registry-auth input, whose password ends at " #", where YAML begins a comment: put it in single quotes/,
  );
  assert.doesNotMatch(hints.join('\n'), /YAML|registry-auth/);
});

scenario('an image that podman names localhost', alone, async (t) => {
  const run = await t.publish(
    { tags: 'ghcr.io/acme/app:1', sources: 'localhost/app:1' },
    { pace: 'hurried' },
  );
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run)[1] ?? '', /^Podman names the images of its machine localhost\/…: push the image/);
});

scenario('github.com in place of ghcr.io', alone, async (t) => {
  const names = ['github.com', 'github.com'] as const;
  const at = await startNamedRegistry(t, { names, service: 'github.com', accounts: [account] });
  const inputs = { tags: 'github.com/acme/app:1', sources: 'github.com/acme/app:1-amd64' };
  const run = await t.publish(inputs, { env: at.env });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.equal(errorOf(run)[1], 'github.com is not a registry of images: write ghcr.io in its place.');
});
