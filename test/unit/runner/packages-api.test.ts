import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import type { Management } from '../../../src/registry/registry-request.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { githubRegistry } from '../../../src/runner/packages-api.ts';
import { answer, outcomeOf } from '../../support/rigs/wire-rig.ts';

const digest = `sha256:${'a'.repeat(64)}` as Digest;
const container = { owner: 'acme', name: 'app/web' };
const version = { id: 7, tags: ['a'] };
const token = 'ghs_example';

function managementOver(serve: (request: HttpRequest) => HttpResponse): Management {
  const refuse = async (): Promise<HttpResponse> => assert.fail('only services are asked');
  const credentials = { find: refuse as never };
  return {
    anonymously: refuse,
    withPassword: refuse,
    toService: async (request) => serve(request),
    credentials,
  };
}

function json(request: HttpRequest, status: number, document: unknown): HttpResponse {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return answer(status, { headers, body: JSON.stringify(document), url: request.url.href });
}

async function connected(serve: (request: HttpRequest) => HttpResponse) {
  const surroundings = {
    environment: { GITHUB_API_URL: 'https://ghe.example/api/v3', GITHUB_SERVER_URL: 'https://ghe.example' },
  };
  const { registry, connect } = githubRegistry(surroundings, token, managementOver(serve));
  assert.equal(registry, 'containers.ghe.example');
  assert.ok(connect);
  return connect();
}

const user = (request: HttpRequest): HttpResponse | undefined =>
  request.url.pathname === '/api/v3/users/acme' ? json(request, 200, { type: 'Organization' }) : undefined;

describe('the packages API of GitHub', () => {
  it('is that of ghcr.io by default, and needs a token', () => {
    const { registry, connect } = githubRegistry(
      { environment: {} },
      '',
      managementOver(() => assert.fail()),
    );
    assert.deepEqual([registry, connect], ['ghcr.io', undefined]);
  });

  it('finds a version on a later page', async () => {
    const asked: string[] = [];
    const api = await connected((request) => {
      asked.push(`${request.url.pathname}${request.url.search}`);
      assert.equal(request.originHeaders?.['authorization'], `token ${token}`);
      assert.ok(!('authorization' in request.headers));
      const page = request.url.searchParams.get('page');
      const others = Array.from({ length: 100 }, (_, id) => ({ id, name: `sha256:${id}` }));
      const last = [{ id: 7, name: digest, metadata: { container: { tags: ['a'] } } }];
      return user(request) ?? json(request, 200, page === '1' ? others : last);
    });
    assert.deepEqual(await api.findVersion(container, digest), version);
    assert.deepEqual(asked, [
      '/api/v3/users/acme',
      '/api/v3/orgs/acme/packages/container/app%2Fweb/versions?per_page=100&page=1',
      '/api/v3/orgs/acme/packages/container/app%2Fweb/versions?per_page=100&page=2',
    ]);
  });

  it('takes a version that is missing for one that was deleted before', async () => {
    const api = await connected((request) => user(request) ?? json(request, 404, { message: 'Not Found' }));
    await api.deleteVersion(container, version);
  });

  it('tells refusals without its own words', async () => {
    const api = await connected((request) => user(request) ?? json(request, 403, { message: '::error::no' }));
    await assert.rejects(api.deleteVersion(container, version), (error: Error) => {
      assert.equal(
        error.message,
        'The packages API of GitHub failed deleting version 7 of the package acme/app/web (403)',
      );
      return true;
    });
  });

  it('passes on what the network has to say', async () => {
    const api = await connected(() => {
      throw new NetworkError('DNS', 'no such host');
    });
    assert.deepEqual(await outcomeOf(api.findVersion(container, digest)), {
      class: 'NetworkError',
      code: 'DNS',
    });
  });
});
