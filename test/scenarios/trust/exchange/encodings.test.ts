/** Bodies that come compressed unasked, as some proxies send them: decoded within bounds, before they are hashed. */
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { makeImage } from '../../../support/images/images.ts';
import type { TestRegistry } from '../../../support/registry/registry.ts';
import { scenario } from '../../../support/run/scenario.ts';
import type { FaultMatch } from '../../../support/wire/wire.ts';
import { errorOf } from '../../evidence.ts';

const image = makeImage('linux/amd64');

type Encode = (bytes: Uint8Array) => Uint8Array;

function encode(registry: TestRegistry, on: FaultMatch, name: string, encoded: Encode): void {
  registry.inject({
    fault: 'custom',
    apply: async ({ proceed }) => {
      const answer = await proceed();
      const { 'content-length': _, ...headers } = answer.headers;
      const { body = '' } = answer;
      const bytes =
        typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : await buffer(body);
      return { ...answer, headers: { ...headers, 'content-encoding': name }, body: encoded(bytes) };
    },
    on: { method: 'GET', times: 999, ...on },
  });
}

const reads: Readonly<Record<string, RegExp>> = {
  manifests: /\/manifests\//,
  configs: /\/blobs\//,
  tokens: /^\/token/,
};

for (const [what, path] of Object.entries(reads)) {
  for (const name of ['gzip', 'x-gzip', 'GZIP']) {
    scenario(`${what} that come as ${name} are read`, { auth: 'bearer' }, async (t) => {
      await t.push('app:amd64', image);
      encode(t.registry, { path }, name, gzipSync);
      const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
      const run = await t.publish({ ...inputs, 'registry-auth': t.registryAuth });
      assert.equal(run.exitCode, 0, run.stdout);
    });
  }
}

scenario('layers that come compressed are copied as what they are', { registries: 2 }, async (t) => {
  const [from, to] = t.registries;
  assert.ok(from !== undefined && to !== undefined);
  await t.push('staging:1', image, from);
  encode(from, { path: /\/blobs\// }, 'gzip', gzipSync);
  const run = await t.publish({ tags: t.ref('app:1', to), sources: t.ref('staging:1', from) });
  assert.equal(run.exitCode, 0, run.stdout);
  for (const digest of image.blobs.keys()) assert.ok(to.hasBlob('app', digest));
});

scenario('other bytes than the digest names are refused, however they are encoded', {}, async (t) => {
  await t.push('app:amd64', image);
  encode(t.registry, { path: /\/blobs\// }, 'gzip', () => gzipSync('{"os":"linux","architecture":"arm64"}'));
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.equal(await t.served('app:1'), undefined);
});

for (const [name, encoded] of [
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
] as const) {
  // Nobody asked for one of them; gzip alone is what proxies are known to send.
  scenario(`an answer in ${name} is read, or named for what it is`, {}, async (t) => {
    await t.push('app:amd64', image);
    encode(t.registry, { path: /\/manifests\// }, name, encoded);
    const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:amd64') });
    if (run.exitCode !== 0) assert.match(errorOf(run).join('\n'), new RegExp(`\\b${name}\\b`));
  });
}

scenario('a small answer that decodes to gigabytes ends early', {}, async (t) => {
  await t.push('app:amd64', image);
  const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024), { level: 9 });
  encode(t.registry, { path: /\/manifests\/amd64/ }, 'gzip', () => bomb);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:amd64') };
  const run = await t.publish(inputs, { manner: 'process' });
  assert.equal(run.exitCode, 1, run.stdout);
  assert.match(errorOf(run).join('\n'), /\[TOO_LARGE\]/);
  if (run.peakRssBytes !== undefined)
    assert.ok(run.peakRssBytes < 150 * 1024 * 1024, `${run.peakRssBytes} bytes`);
});
