import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { test } from 'node:test';
import {
  type RealRegistry,
  realRegistryAvailable,
  startRealRegistry,
} from '../support/registry/real-registry.ts';

const skip = realRegistryAvailable() ? false : 'docker-registry is not installed';

const table = [
  { auth: 'none', tls: false, status: 200, challenge: /^$/ },
  { auth: 'none', tls: true, status: 200, challenge: /^$/ },
  { auth: 'htpasswd', tls: false, status: 401, challenge: /^Basic realm=/ },
  { auth: 'htpasswd', tls: true, status: 401, challenge: /^Basic realm=/ },
  { auth: 'token', tls: false, status: 401, challenge: /^Bearer realm="http:.+,service="test registry"/ },
  { auth: 'token', tls: true, status: 401, challenge: /^Bearer realm="https:.+,service="test registry"/ },
] as const;

for (const { auth, tls, status, challenge } of table)
  test(`the real registry comes up with auth ${auth}${tls ? ' over TLS' : ''}`, { skip }, async () => {
    const registry = await startRealRegistry({ auth, tls, repositories: ['acme/app'] });
    try {
      const response = await get(registry, '/v2/', {});
      assert.equal(response.statusCode, status);
      assert.match(response.headers['www-authenticate'] ?? '', challenge);
      assert.equal(registry.credentials !== undefined, auth !== 'none');
      const path = '/v2/acme/app/tags/list';
      const { authorization } = registry;
      assert.equal((await get(registry, path, { ...(authorization && { authorization }) })).statusCode, 404);
    } finally {
      await registry.close();
    }
  });

async function get(
  registry: RealRegistry,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const url = new URL(path, registry.url);
  const outgoing = registry.ca
    ? tlsRequest(url, { headers, ca: registry.ca, agent: false })
    : request(url, { headers, agent: false });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response;
}
