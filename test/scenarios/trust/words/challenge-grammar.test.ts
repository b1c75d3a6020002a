/** Challenges without a comma between their parameters, as some registries write them. */
import assert from 'node:assert/strict';
import type { Challenge } from '../../../support/registry/registry-options.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { publishOne } from '../../../support/tokens/handed-logins.ts';

const forms: Readonly<Record<string, (usual: Challenge) => string>> = {
  'no comma at all': ({ realm, service, scope }) =>
    `Bearer realm="${realm}" service="${service}" scope="${scope}"`,
  'no comma before the scope': ({ realm, service, scope }) =>
    `Bearer realm="${realm}",service="${service}" scope="${scope}"`,
  'no comma before the service': ({ realm, service, scope }) =>
    `Bearer realm="${realm}" service="${service}",scope="${scope}"`,
  'no comma, and something that cannot be read': ({ realm, service }) =>
    `Bearer realm="${realm}" service="${service}" scope="`,
};

for (const [name, form] of Object.entries(forms)) {
  const auth = { kind: 'bearer', challenge: (usual: Challenge) => [form(usual)] } as const;
  scenario(`a challenge with ${name} keeps what was read`, { registry: { auth } }, async (t) => {
    const run = await publishOne(t, { input: t.registryAuth });
    assert.equal(run.exitCode, 0, run.stdout);
  });
}
