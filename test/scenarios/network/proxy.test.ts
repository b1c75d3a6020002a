/** Registries that only a proxy leads to. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { startRealRegistry } from '../../support/registry/real-registry.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { RegistryHandle } from '../../support/registry/registry-handle.ts';
import type { ActionInputs } from '../../support/run/run-action.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { secretOf } from '../../support/run/secrets.ts';
import { serverTls } from '../../support/tls/tls.ts';
import { startFaultyProxy } from '../../support/wire/faulty-proxy.ts';
import { freePort } from '../../support/wire/free-port.ts';
import { startHttp2Front } from '../../support/wire/http2-front.ts';
import { skipWithout } from '../../support/wire/programs.ts';
import { type ProxyOptions, startProxy } from '../../support/wire/proxy.ts';
import { startTinyproxy, type TinyproxyOptions } from '../../support/wire/tinyproxy.ts';
import { hurriedly } from '../faults/scene.ts';

const name = 'registry.test';
const login = { username: 'proxyuser', password: secretOf('proxyuser', 'proxypass-4711') };
const elsewhere: ActionInputs = { tags: `${name}/app:1`, sources: `${name}/app:1-amd64` };
const alone = { registries: 0 };
const real = { registries: 0, skip: skipWithout('tinyproxy', 'nghttpx', 'docker-registry') };
const named = { registry: { tls: serverTls([name]) } };

/** Started by the scenario, closed when it ends. */
async function using<Server extends { close(): Promise<void> }>(
  t: Scenario,
  server: Promise<Server>,
): Promise<Server> {
  const started = await server;
  t.test.after(() => started.close());
  return started;
}

const tinyproxy = (t: Scenario, options: TinyproxyOptions) => using(t, startTinyproxy(options));
const proxy = (t: Scenario, options: ProxyOptions) => using(t, startProxy(options));

/** A registry with one image. */
async function distribution(t: Scenario): Promise<RegistryHandle> {
  const registry = await using(t, startRealRegistry());
  await t.push('app:1-amd64', makeImage('linux/amd64'), registry);
  return registry;
}

scenario('tinyproxy leads to a registry by tunnel, and HTTP/2 goes through it', real, async (t) => {
  const registry = await distribution(t);
  const front = await using(t, startHttp2Front(registry, { names: [name] }));
  const names = await proxy(t, { routes: { [`${name}:443`]: front.host } });
  const tiny = await tinyproxy(t, { credentials: login, upstream: names.url });
  const run = await t.publish(elsewhere, {
    env: { HTTPS_PROXY: tiny.url, NODE_EXTRA_CA_CERTS: front.caFile },
  });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.equal((await t.served('app:1', registry))?.digest, run.outputs['digest']);
  assert.deepEqual([...new Set(tiny.requests())], [`CONNECT ${name}:443`]);
  assert.deepEqual(
    new Set((await front.requests()).map((line) => line.split(' ', 1)[0])),
    new Set(['HTTP/2']),
  );
});

scenario('tinyproxy leads to an insecure registry over plain HTTP', real, async (t) => {
  const registry = await distribution(t);
  const names = await proxy(t, { routes: { [`${name}:80`]: registry.host } });
  const tiny = await tinyproxy(t, { credentials: login, upstream: names.url });
  const run = await t.publish(
    { ...elsewhere, 'insecure-registries': name },
    { env: { HTTP_PROXY: tiny.url, HTTPS_PROXY: tiny.url } },
  );
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.equal((await t.served('app:1', registry))?.digest, run.outputs['digest']);
  assert.ok(tiny.requests().includes(`PUT http://${name}/v2/app/manifests/1`), tiny.requests().join('\n'));
});

for (const [how, shown] of [
  ['no', undefined],
  ['another', { ...login, password: secretOf(login.username, 'not-the-proxypass') }],
] as const) {
  scenario(`tinyproxy is shown ${how} login`, real, async (t) => {
    const tiny = await tinyproxy(t, { credentials: login });
    const url = new URL(tiny.url);
    url.username = shown?.username ?? '';
    url.password = shown?.password ?? '';
    const run = await t.publish(elsewhere, { env: { HTTPS_PROXY: url.href } });
    assert.equal(run.exitCode, 1);
    assert.match(
      run.stdout,
      /The proxy requires a valid login .* registry\.test.* \(40[17]\) \[PROXY\]%0A.*HTTPS_PROXY/,
    );
  });
}

scenario('a plain request is refused with 407', alone, async (t) => {
  const [refusing, lost] = [await proxy(t, { credentials: login }), await using(t, startFaultyProxy(502))];
  const run = await t.publish(
    { ...elsewhere, 'insecure-registries': name },
    { env: { http_proxy: refusing.url, https_proxy: lost.url } },
  );
  t.snapshot(run);
  assert.deepEqual(new Set(refusing.entries.map((entry) => entry.status)), new Set([407]));
  assert.ok(refusing.entries.length <= 2, `asked ${refusing.entries.length} times`);
});

scenario("the proxy's password is masked before it is used, and shown nowhere", named, async (t) => {
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const through = await proxy(t, { credentials: login, routes: { [`${name}:443`]: t.registry.host } });
  const run = await t.publish(elsewhere, {
    env: { HTTPS_PROXY: through.urlWithCredentials, RUNNER_DEBUG: '1' },
  });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  const pair = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  for (const mask of [login.password, pair]) assert.ok(run.stdout.includes(`::add-mask::${mask}\n`), mask);
});

scenario('a proxy that forbids the tunnel is asked once', alone, async (t) => {
  const forbidding = await using(t, startFaultyProxy(403));
  t.snapshot(await t.publish(elsewhere, { env: { HTTPS_PROXY: forbidding.url } }));
  assert.ok(forbidding.requests <= 2, `${forbidding.requests} requests`);
});

scenario('a proxy that cannot find the registry, or is not there, is asked again', alone, async (t) => {
  const lost = await using(t, startFaultyProxy(502));
  const urls = [lost.url, `http://127.0.0.1:${await freePort()}`];
  const runs = urls.map((url) => t.publish(elsewhere, { ...hurriedly, env: { HTTPS_PROXY: url } }));
  for (const run of await Promise.all(runs)) t.snapshot(run);
});

// With a second request beside it, a busy machine decides which of them finds the host silent.
scenario('a proxy that never answers is asked three times', alone, async (t) => {
  const silent = await using(t, startFaultyProxy('silence'));
  const image = `${name}/app:1`;
  t.snapshot(await t.inspect({ image }, { ...hurriedly, env: { HTTPS_PROXY: silent.url } }));
});

for (const value of ['ftp://proxy.test', 'http://proxyuser:proxypass-4711@:port', '::']) {
  scenario(`HTTPS_PROXY is ${value}`, alone, async (t) => {
    t.snapshot(await t.publish(elsewhere, { env: { HTTPS_PROXY: value } }));
  });
}

scenario('HTTPS_PROXY without a scheme means http', named, async (t) => {
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const through = await proxy(t, { routes: { [`${name}:443`]: t.registry.host } });
  const run = await t.publish(elsewhere, { env: { HTTPS_PROXY: new URL(through.url).host } });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
});

// An address that leads to this machine and is none of the loopback ones.
const everywhere = (t: Scenario<TestRegistry>): string => t.registry.host.replace('127.0.0.1', '0.0.0.0');

for (const [excluded, requests] of [
  ['other.test', 'all'],
  ['other.test,0.0.0.0', 'none'],
] as const) {
  scenario(`with NO_PROXY=${excluded} ${requests} of the requests go through the proxy`, {}, async (t) => {
    await t.push('app:1-amd64', makeImage('linux/amd64'));
    const host = everywhere(t);
    const through = await proxy(t, { routes: { [host]: t.registry.host } });
    const run = await t.publish(
      { tags: `${host}/app:1`, sources: `${host}/app:1-amd64`, 'insecure-registries': host },
      { env: { HTTP_PROXY: through.url, HTTPS_PROXY: through.url, NO_PROXY: excluded } },
    );
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    const sent = through.entries.filter((entry) => entry.method !== 'CONNECT').length;
    assert.equal(sent, requests === 'all' ? t.registry.wire.length : 0);
  });
}

scenario('a loopback registry is never looked for behind a proxy', {}, async (t) => {
  await t.push('app:1-amd64', makeImage('linux/amd64'));
  const forbidding = await using(t, startFaultyProxy(403));
  const env = { HTTP_PROXY: forbidding.url, HTTPS_PROXY: forbidding.url };
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:1-amd64') }, { env });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.equal(forbidding.requests, 0);
});
