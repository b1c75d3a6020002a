/** A registry may not redirect a client further inward than it is itself, nor to a special address. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import { startRegistry, type TestRegistry } from '../../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../../support/run/scenario.ts';
import { serverTls } from '../../../support/tls/tls.ts';
import { startProxy } from '../../../support/wire/proxy.ts';
import { errorOf } from '../../evidence.ts';

const image = makeImage('linux/amd64');

/** Answers reads of blobs with a redirect to this URL, path and all. */
function redirectBlobs(registry: TestRegistry, location: (path: string) => string): void {
  registry.inject({
    fault: 'custom',
    apply: async ({ request }) => ({ status: 307, headers: { location: location(request.url.pathname) } }),
    on: { method: 'GET', path: /\/blobs\//, times: 99 },
  });
}

/** A registry under a public name, and another one beside the runner. */
async function publicRegistry(t: Scenario) {
  const tls = serverTls(['registry.example.test', 'storage.example.test', '10.0.0.1']);
  const registry = await startRegistry({ tls });
  const neighbour = await startRegistry({ tls });
  const routes = {
    'registry.example.test:443': registry.host,
    'storage.example.test:443': neighbour.host,
    '10.0.0.1:443': neighbour.host,
  };
  const proxy = await startProxy({ routes });
  for (const server of [registry, neighbour, proxy]) t.test.after(() => server.close());
  for (const each of [registry, neighbour]) await t.push('app:amd64', image, each);
  const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: tls.caFile };
  const name = 'registry.example.test/app';
  const publish = () => t.publish({ tags: `${name}:1`, sources: `${name}:amd64` }, { env });
  return { registry, neighbour, proxy, publish };
}

const alone = { registries: 0 };

scenario('a public registry may redirect to public storage', alone, async (t) => {
  const { registry, neighbour, publish } = await publicRegistry(t);
  redirectBlobs(registry, (path) => `https://storage.example.test${path}`);
  const run = await publish();
  assert.equal(run.exitCode, 0, run.stdout);
  assert.notEqual(neighbour.wire.length, 0);
});

scenario('a public registry may not redirect to this machine', alone, async (t) => {
  const { registry, neighbour, publish } = await publicRegistry(t);
  redirectBlobs(registry, (path) => `https://${neighbour.host}${path}`);
  const run = await publish();
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /\[REDIRECT\]/);
  assert.deepEqual(neighbour.wire, []);
});

scenario('a public registry may not redirect into the private network', alone, async (t) => {
  const { registry, proxy, publish } = await publicRegistry(t);
  redirectBlobs(registry, (path) => `https://10.0.0.1${path}`);
  const run = await publish();
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /\[REDIRECT\]/);
  assert.ok(proxy.entries.every(({ target }) => !target.startsWith('10.')));
});

const special: Readonly<Record<string, (port: string) => string>> = {
  'the address of cloud metadata': () => '169.254.169.254',
  'the address of cloud metadata as one number': () => '2852039166',
  'the address that means every host': (port) => `0.0.0.0:${port}`,
  'the IPv6 address that means every host': (port) => `[::]:${port}`,
  'a link-local address': () => '[fe80::1]',
};

for (const [name, host] of Object.entries(special)) {
  scenario(`no registry may redirect to ${name}`, { registries: 2 }, async (t) => {
    const [own, other] = t.registries;
    assert.ok(own !== undefined && other !== undefined);
    const proxy = await startProxy();
    t.test.after(() => proxy.close());
    for (const registry of [own, other]) await t.push('app:amd64', image, registry);
    const [, port = ''] = other.host.split(':');
    redirectBlobs(own, (path) => `http://${host(port)}${path}`);
    // What is asked at a foreign address would go through the proxy.
    const env = { HTTP_PROXY: proxy.url };
    const inputs = { tags: t.ref('app:1', own), sources: t.ref('app:amd64', own) };
    const run = await t.publish({ ...inputs, 'insecure-registries': own.host }, { env, pace: 'hurried' });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(errorOf(run).join('\n'), /\[REDIRECT\]/);
    assert.deepEqual(other.wire, []);
    assert.deepEqual(
      proxy.entries.filter(({ target }) => !target.startsWith('127.0.0.1')),
      [],
    );
  });
}

scenario(
  'no realm is at a special address, also for a registry that is listed as insecure',
  {},
  async (t) => {
    const registry = await startRegistry({
      auth: { kind: 'bearer', challenge: () => ['Bearer realm="http://169.254.169.254/token",service="x"'] },
    });
    const proxy = await startProxy();
    for (const server of [registry, proxy]) t.test.after(() => server.close());
    const name = t.ref('app', registry);
    const inputs = { tags: `${name}:1`, sources: `${name}:amd64`, 'insecure-registries': registry.host };
    const run = await t.publish(inputs, { env: { HTTP_PROXY: proxy.url }, pace: 'hurried' });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(errorOf(run).join('\n'), /\[REALM\]/);
    assert.ok(proxy.entries.every(({ target }) => target.startsWith('127.0.0.1')));
  },
);

const words = 'the words of a server that nobody was to ask';
const bodies: Readonly<Record<string, string>> = {
  "a registry's error": JSON.stringify({ errors: [{ code: 'DENIED', message: words }] }),
  'a code': JSON.stringify({ errors: [{ code: words, message: '' }] }),
  'plain text': words,
};

for (const [name, body] of Object.entries(bodies)) {
  for (const status of [200, 400, 403, 404]) {
    scenario(`${name} (${status}) behind a redirect is not quoted`, { registries: 2 }, async (t) => {
      const [own, storage] = t.registries;
      assert.ok(own !== undefined && storage !== undefined);
      await t.push('app:amd64', image, own);
      const path = /\/manifests\/amd64/;
      own.inject({ fault: 'redirect', to: { origin: storage.url }, on: { method: 'GET', path, times: 99 } });
      storage.inject({ fault: 'status', status, body, on: { times: 99 } });
      const inputs = { tags: t.ref('app:1', own), sources: t.ref('app:amd64', own), 'wait-for-sources': '0' };
      const run = await t.publish(inputs, { env: { RUNNER_DEBUG: '1' } });
      assert.equal(run.exitCode, 1, run.stdout);
      assert.doesNotMatch(`${run.stdout}${run.summary}`, /the words of|nobody was/);
    });
  }
}
