import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { test } from 'node:test';
import { type RealRegistry, realRegistryAvailable, startRealRegistry } from '../support/real-registry.ts';

const skip = realRegistryAvailable() ? false : 'docker-registry is not installed';

const table = [
  { auth: 'none', tls: false, status: 200, challenge: /^$/ },
  { auth: 'none', tls: true, status: 200, challenge: /^$/ },
  { auth: 'htpasswd', tls: false, status: 401, challenge: /^Basic realm=/ },
  { auth: 'htpasswd', tls: true, status: 401, challenge: /^Basic realm=/ },
  { auth: 'token', tls: false, status: 401, challenge: /^Bearer realm="http:.+,service="test registry"/ },
  { auth: 'token', tls: true, status: 401, challenge: /^Bearer realm="https:.+,service="test registry"/ },
] as const;

for (const { auth, tls, status, challenge } of table) {
  test(`the real registry comes up with auth ${auth}${tls ? ' over TLS' : ''}`, { skip }, async () => {
    const registry = await startRealRegistry({ auth, tls });
    try {
      const response = await get(registry);
      assert.equal(response.statusCode, status);
      assert.match(response.headers['www-authenticate'] ?? '', challenge);
      assert.equal(registry.credentials !== undefined, auth !== 'none');
    } finally {
      await registry.close();
    }
  });
}

async function get(registry: RealRegistry): Promise<IncomingMessage> {
  const url = new URL('/v2/', registry.url);
  const outgoing = registry.caFile
    ? tlsRequest(url, { ca: await readFile(registry.caFile), agent: false })
    : request(url, { agent: false });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response;
}
