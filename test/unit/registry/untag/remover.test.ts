import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../../../src/http/message.ts';
import type { Digest } from '../../../../src/oci/digest.ts';
import { parseReference } from '../../../../src/oci/reference.ts';
import { empty } from '../../../../src/registry/placeholder.ts';
import { removalHint } from '../../../../src/registry/untag/removal-error.ts';
import { removerFor } from '../../../../src/registry/untag/remover.ts';
import { makeImage } from '../../../support/images/images.ts';
import type { MemoryRegistry } from '../../../support/rigs/memory-registry.ts';
import { removalRig, removesTags } from '../../../support/rigs/removal-rig.ts';
import { answer, outcomeOf } from '../../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

/** Answers requests beside manifests by the table, and removes tags with the distribution API; 404 otherwise. */
function serving(answers: Readonly<Record<string, readonly [number, string?]>>) {
  return (request: HttpRequest, registry: MemoryRegistry): HttpResponse | undefined => {
    const { method, url } = request;
    const [status, body = ''] = answers[`${method} ${url.host}${url.pathname}`] ?? [];
    if (status === undefined) return removesTags(request, registry);
    if (method === 'DELETE') for (const held of holders) registry.setTag(held, 'a', undefined);
    return answer(status, { body, url: url.href });
  };
}

/** The repositories from which vendors' own APIs remove the tag `a`. */
const holders = ['acme.azurecr.io/app', 'registry-1.docker.io/acme/app', 'harbor.example/team/app/web'];
const head = (path: string): string => `HEAD /v2/${path}`;
const probe = (path: string): string => `${path}/PROBE`;

/** `requests`: without the last look at the tag; PROBE is a throw-away tag. */
const ways: readonly { name: string; tag: string; requests: readonly string[] }[] = [
  {
    name: 'the distribution API, after a proof',
    tag: 'registry.example/acme/app:a',
    requests: [
      'GET /api/v2.0/ping',
      `DELETE ${probe('/v2/acme/app/manifests')}`,
      `HEAD /v2/acme/app/blobs/${empty.digest}`,
      ...['PUT', 'PUT', 'HEAD', 'HEAD', 'HEAD', 'DELETE', 'HEAD', 'HEAD', 'HEAD', 'DELETE', 'HEAD'].map(
        (method) => `${method} ${probe('/v2/acme/app/manifests')}`,
      ),
      head('acme/app/manifests/a'),
      'DELETE /v2/acme/app/manifests/a',
    ],
  },
  {
    name: 'the distribution API, without a proof',
    tag: 'quay.io/acme/app:a',
    requests: [
      'GET /api/v2.0/ping',
      `DELETE ${probe('/v2/acme/app/manifests')}`,
      head('acme/app/manifests/a'),
      'DELETE /v2/acme/app/manifests/a',
    ],
  },
  {
    name: 'Azure',
    tag: 'acme.azurecr.io/app:a',
    requests: [`DELETE ${probe('/acr/v1/app/_tags')}`, head('app/manifests/a'), 'DELETE /acr/v1/app/_tags/a'],
  },
  {
    name: 'Docker Hub',
    tag: 'acme/app:a',
    requests: [
      'POST /v2/auth/token',
      head('acme/app/manifests/a'),
      'DELETE /v2/namespaces/acme/repositories/app/tags/a',
    ],
  },
  {
    name: 'Harbor',
    tag: 'harbor.example/team/app/web:a',
    requests: [
      'GET /api/v2.0/ping',
      head('team/app/web/manifests/a'),
      `DELETE /api/v2.0/projects/team/repositories/app%252Fweb/artifacts/${amd64.digest}/tags/a`,
    ],
  },
];

const answers = {
  'DELETE acme.azurecr.io/acr/v1/app/_tags/a': [202],
  'POST hub.docker.com/v2/auth/token': [200, '{"access_token":"token-of-docker-hub"}'],
  'DELETE hub.docker.com/v2/namespaces/acme/repositories/app/tags/a': [204],
  'GET harbor.example/api/v2.0/ping': [200, 'Pong'],
  [`DELETE harbor.example/api/v2.0/projects/team/repositories/app%252Fweb/artifacts/${amd64.digest}/tags/a`]:
    [200],
} as const;

describe('the way to remove a tag', () => {
  for (const { name, tag: text, requests } of ways) {
    it(`is ${name} for ${text}`, async () => {
      const { registry, context, hold } = removalRig(serving(answers));
      const tag = hold(text, amd64);
      await (await removerFor(tag.repository, context)).remove(tag);
      const shown = registry.requests.map((each) =>
        each.replace(/multiarch-manifest-action-probe-7-[0-9a-f]{8}$/, 'PROBE'),
      );
      assert.deepEqual(shown.slice(0, -1), requests);
      assert.match(shown.at(-1) ?? '', /^HEAD .*\/manifests\/a$/);
    });
  }

  for (const text of [
    '1234.dkr.ecr.eu-west-1.amazonaws.com/app:a',
    'ghcr.io/acme/app:a',
    'containers.acme.ghe.com/acme/app:a',
  ]) {
    it(`is none for ${text}`, async () => {
      const { registry, context, hold } = removalRig();
      const tag = hold(text, amd64);
      const outcome = await outcomeOf((await removerFor(tag.repository, context)).remove(tag));
      assert.deepEqual(outcome, { class: 'RegistryError', code: 'TAG_NOT_REMOVED' });
      assert.deepEqual(registry.requests, []);
    });
  }

  it('needs a password for Docker Hub', async () => {
    const credential = { kind: 'anonymous', source: 'no login' } as const;
    const { context, hold } = removalRig(serving(answers), { credential });
    const tag = hold('acme/app:a', amd64);
    assert.deepEqual(await outcomeOf((await removerFor(tag.repository, context)).remove(tag)), {
      class: 'AuthError',
      code: 'UNAUTHORIZED',
    });
  });

  it('is a placeholder for GitHub, which is deleted when it has this tag alone', async () => {
    const deleted: number[] = [];
    const listed: Digest[] = [];
    const packages = {
      findVersion: async (_: unknown, digest: Digest) => {
        listed.push(digest);
        return { id: listed.length, tags: ['a'] };
      },
      deleteVersion: async (_: unknown, { id }: { id: number }) => {
        assert.equal(registry.tag('ghcr.io/acme/app', 'a'), listed[1]);
        registry.hold('ghcr.io/acme/app', arm64, 'a');
        deleted.push(id);
      },
    };
    const github = { registry: 'ghcr.io', connect: async () => packages };
    const hasContent = serving({
      [`HEAD ghcr.io/v2/acme/app/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a`]:
        [200],
    });
    const { registry, context, hold } = removalRig(hasContent, { github });
    const tag = hold('ghcr.io/acme/app:a', amd64);
    await (await removerFor(tag.repository, context)).remove(tag);
    assert.deepEqual(deleted, [2]);
    assert.equal(listed[0], amd64.digest);
    assert.equal(registry.tag('ghcr.io/acme/app', 'a'), arm64.digest);
  });
});

const hints: readonly (readonly [tag: string, status: number, hint: RegExp])[] = [
  ['acme/app:a', 403, /"Read, Write, Delete"/],
  [
    '1234.dkr.ecr.eu-west-1.amazonaws.com/app:a',
    405,
    /`aws ecr batch-delete-image --region eu-west-1 .*imageTag=a`/,
  ],
  ['acme.azurecr.io/team/app:a', 405, /`az acr repository untag --name acme --image team\/app:a`/],
  [
    'europe-docker.pkg.dev/p/r/app:a',
    403,
    /`gcloud artifacts docker tags delete europe-docker\.pkg\.dev\/p\/r\/app:a`/,
  ],
  ['eu.gcr.io/p/app:a', 403, /`gcloud container images untag eu\.gcr\.io\/p\/app:a`/],
  ['registry.example/app:a', 403, /^Give the login permission to delete\.$/],
  ['registry.example/app:a', 405, /storage\.delete\.enabled/],
];

describe('the hint for a tag that is not removed', () => {
  for (const [text, status, hint] of hints)
    it(`for ${text} and ${status}`, () => assert.match(removalHint(parseReference(text), status), hint));
});
