/** Logins and headers of docker's configuration, for what is inspected and for what it is compared with. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { secret } from '../../support/run/secrets.ts';
import { configFile } from '../../support/tokens/handed-logins.ts';

const list = makeIndex([makeImage('linux/amd64')]);

scenario('HttpHeaders go to the registry of image only', { registries: 2 }, async (t) => {
  const [own, other] = t.registries;
  await t.push('app:1', list, own);
  await t.push('app:1', list, other);
  const value = secret('header-value-4711');
  const { home = {} } = configFile({ HttpHeaders: { 'X-Meta': value } });
  const before = t.registries.map(({ wire }) => wire.length);
  const inputs = { image: t.ref('app:1', own), 'compare-with': t.ref('app:1', other) };
  const run = await t.inspect(inputs, { home });
  assert.equal(run.exitCode, 0, run.stdout);
  const sent = t.registries.map(({ wire }, at) => {
    return [...new Set(wire.slice(before[at]).map(({ headers }) => headers['x-meta']))];
  });
  assert.deepEqual(sent, [[value], [undefined]]);
});

scenario('one token reads a list and all that it names', { auth: 'bearer' }, async (t) => {
  await t.push(
    'app:1',
    makeIndex([makeImage('linux/amd64'), makeImage('linux/arm64')], { attestations: true }),
  );
  const run = await t.inspect({ image: t.ref('app:1'), 'registry-auth': t.registryAuth });
  assert.equal(run.exitCode, 0, run.stdout);
  const tokens = t.registry.wire.filter(({ path }) => path.startsWith('/token'));
  assert.equal(tokens.length, 1);
});
