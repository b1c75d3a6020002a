/** Certificates: whom to trust, whom not, and what is said then. */
import assert from 'node:assert/strict';
import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Authority, createAuthority } from '../support/certificate.ts';
import { publishOne } from '../support/handed-logins.ts';
import { startHttp2Front } from '../support/http2-front.ts';
import { makeImage } from '../support/images.ts';
import { skipWithout } from '../support/programs.ts';
import { startProxy } from '../support/proxy.ts';
import { type RealRegistry, realRegistryAvailable, startRealRegistry } from '../support/real-registry.ts';
import { startRegistry, type TestRegistry } from '../support/registry.ts';
import type { RunOptions } from '../support/run-action.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { secret, secretOf } from '../support/secrets.ts';
import { serverTls, type TlsOptions } from '../support/tls.ts';

const alone = { registries: 0 };
const real = {
  registries: 0,
  skip: realRegistryAvailable() ? false : 'docker-registry is not on PATH',
} as const;
const untrusting = { NODE_EXTRA_CA_CERTS: undefined };
const name = 'registry.test';

async function distribution(t: Scenario, auth: 'none' | 'token' = 'none'): Promise<RealRegistry> {
  const registry = await startRealRegistry({ auth, tls: true, repositories: ['app'] });
  t.test.after(() => registry.close());
  secret(registry.authorization?.replace('Bearer ', '') ?? 'no authorization');
  if (registry.credentials) secretOf(registry.credentials.username, registry.credentials.password);
  return registry;
}

/** Ways to trust the authority of CNCF distribution. */
const trusting: Readonly<Record<string, (registry: RealRegistry) => RunOptions>> = {
  NODE_EXTRA_CA_CERTS: ({ caFile }) => ({ env: { NODE_EXTRA_CA_CERTS: caFile } }),
  "certs.d in docker's directory": ({ host, ca = '' }) => ({
    home: { [`.docker/certs.d/${host}/ca.crt`]: ca },
  }),
  'certs.d in DOCKER_CONFIG': ({ host, ca = '' }) => ({
    workspace: { [`docker/certs.d/${host}/any-name.crt`]: ca },
    env: { DOCKER_CONFIG: 'docker' },
  }),
  "the system's store": ({ caFile }) => ({ env: { SSL_CERT_FILE: caFile } }),
};

for (const [way, trust] of Object.entries(trusting))
  for (const auth of ['none', 'token'] as const) {
    scenario(`CNCF distribution is trusted by ${way}, with auth ${auth}`, real, async (t) => {
      const registry = await distribution(t, auth);
      const input = JSON.stringify(
        registry.credentials ? [{ registry: registry.host, ...registry.credentials }] : [],
      );
      const run = await publishOne(t, { input, ...trust(registry) }, { registry });
      assert.equal(run.exitCode, 0, run.stdout + run.stderr);
      assert.equal((await t.served('app:1', registry))?.digest, run.outputs['digest']);
    });
  }

const etc = '/etc/docker';

scenario(
  'CNCF distribution is trusted by certs.d in /etc/docker',
  { ...real, skip: real.skip || withoutEtc() },
  async (t) => {
    const registry = await distribution(t);
    const directory = `${etc}/certs.d/${registry.host}`;
    const made = mkdirSync(directory, { recursive: true });
    t.test.after(() => rmSync(made ?? directory, { recursive: true }));
    writeFileSync(`${directory}/ca.crt`, registry.ca ?? '');
    const run = await publishOne(t, {}, { registry });
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  },
);

/** A developer's machine is left alone. */
function withoutEtc(): string | false {
  try {
    accessSync(etc, constants.W_OK);
    return process.env['CI'] === 'true' ? false : `CI is not true, so ${etc} is left alone`;
  } catch {
    return `${etc} cannot be written`;
  }
}

scenario('storage behind a registry is trusted by what its certs.d holds', { tls: true }, async (t) => {
  const storage = await t.registry.mirror({ tls: serverTls() });
  t.test.after(() => storage.close());
  t.registry.inject({ fault: 'redirect', to: { origin: storage.url }, on: { path: /\/blobs\//, times: 9 } });
  const home = { [`.docker/certs.d/${t.registry.host}/ca.crt`]: t.registry.ca ?? '' };
  const run = await publishOne(t, { env: untrusting, home });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.ok(storage.wire.length > 0);
});

const front = { registries: 0, skip: skipWithout('nghttpx', 'docker-registry') };

scenario(
  'a registry that asks for a client certificate gets it, and lets nobody else in',
  front,
  async (t) => {
    const registry = await startRealRegistry();
    const clients = createAuthority('test clients');
    const nghttpx = await startHttp2Front(registry, { clientAuthority: clients.pem });
    for (const server of [nghttpx, registry]) t.test.after(() => server.close());
    await t.push('app:1-amd64', makeImage('linux/amd64'), registry);
    const inputs = { tags: t.ref('app:1', nghttpx), sources: t.ref('app:1-amd64', nghttpx) };
    const env = { NODE_EXTRA_CA_CERTS: nghttpx.caFile };
    const { pem, keyPem } = clients.issue(['runner'], { purpose: 'client' });
    const directory = `.docker/certs.d/${nghttpx.host}`;

    const stranger = await t.publish(inputs, { env });
    assert.equal(stranger.exitCode, 1);
    assert.match(stranger.stdout, new RegExp(`${nghttpx.host} .*\\[TLS\\]%0A.*client certificate`));
    const known = await t.publish(inputs, {
      env,
      home: { [`${directory}/client.cert`]: pem, [`${directory}/client.key`]: keyPem },
    });
    assert.equal(known.exitCode, 0, known.stdout);
    assert.equal((await t.served('app:1', registry))?.digest, known.outputs['digest']);

    const half = await t.publish(inputs, { env, home: { [`${directory}/client.cert`]: pem } });
    assert.match(half.stdout, /client\.key is missing beside \S+client\.cert \[TLS_FILES\]/);
    secret(keyPem.split('\n')[1] ?? '');
  },
);

/** A registry with a certificate of the test's own choice, under a name that is no loopback one. */
async function named(
  t: Scenario,
  tls: TlsOptions['server'],
): Promise<{ registry: TestRegistry; proxy: Awaited<ReturnType<typeof startProxy>> }> {
  const { ca, caFile } = serverTls();
  const registry = await startRegistry({ tls: { server: tls, ca, caFile } });
  const proxy = await startProxy({
    routes: { [`${name}:443`]: registry.host, [`${name}:80`]: registry.host },
  });
  for (const server of [proxy, registry]) t.test.after(() => server.close());
  return { registry, proxy };
}

const known: Authority = createAuthority('test authority of tls');
const hour = 3_600_000;

function certificate(authority: Authority, names: readonly string[], notAfter?: Date): TlsOptions['server'] {
  const { pem, keyPem } = authority.issue(names, notAfter && { notAfter });
  return { cert: pem, key: keyPem };
}

const untrusted: Readonly<Record<string, TlsOptions['server']>> = {
  'of an unknown authority': certificate(createAuthority('somebody'), [name]),
  'that signs itself': { cert: known.pem, key: known.keyPem },
  'for another name': certificate(known, ['other.test']),
  'that has expired': certificate(known, [name], new Date(Date.now() - hour)),
};

for (const [what, tls] of Object.entries(untrusted)) {
  scenario(`a certificate ${what} is not trusted, and plain HTTP not tried`, alone, async (t) => {
    const { registry, proxy } = await named(t, tls);
    const options = {
      env: { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url },
      home: {
        [`.docker/certs.d/${name}/ca.crt`]:
          what.includes('authority') || what.includes('itself') ? serverTls().ca : known.pem,
      },
    };
    const run = await t.publish({ tags: `${name}/app:1`, sources: `${name}/app:2` }, options);
    t.snapshot(run);
    assert.equal(run.exitCode, 1);
    assert.deepEqual(registry.wire, []);
    assert.deepEqual(
      new Set(proxy.entries.map((entry) => `${entry.method} ${entry.target}`)),
      new Set([`CONNECT ${name}:443`]),
    );
  });

  scenario(`a certificate ${what} will do for an insecure registry`, alone, async (t) => {
    const { registry, proxy } = await named(t, tls);
    await insecurely(t, registry, { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url });
  });
}

/** Publishes to the registry as to an insecure one. */
async function insecurely(
  t: Scenario,
  registry: TestRegistry,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const plain = await registry.mirror({ tls: undefined });
  t.test.after(() => plain.close());
  await t.push('app:1-amd64', makeImage('linux/amd64'), plain);
  const inputs = { tags: `${name}/app:1`, sources: `${name}/app:1-amd64`, 'insecure-registries': name };
  const run = await t.publish(inputs, { env });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.notEqual(registry.tags('app')['1'], undefined);
}

for (const host of ['127.0.0.1', 'localhost'])
  for (const scheme of ['http', 'https']) {
    scenario(`${host} is reached by ${scheme} without a word`, {}, async (t) => {
      const tls = scheme === 'https' ? { tls: serverTls([host]) } : {};
      const registry = await startRegistry(tls);
      t.test.after(() => registry.close());
      const port = registry.host.split(':')[1];
      const env = scheme === 'https' ? { NODE_EXTRA_CA_CERTS: registry.caFile } : {};
      const run = await publishOne(t, { env }, { registry, host: `${host}:${port}` });
      assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    });
  }

scenario('an untrusted certificate on loopback is told, not stepped around', { tls: true }, async (t) => {
  const run = await publishOne(t, { env: untrusting });
  t.snapshot(run);
  assert.equal(run.exitCode, 1);
  const insecure = await t.publish(
    { tags: t.ref('app:1'), sources: t.ref('app:1-amd64'), 'insecure-registries': t.registry.host },
    { env: untrusting },
  );
  assert.equal(insecure.exitCode, 0, insecure.stdout);
});
