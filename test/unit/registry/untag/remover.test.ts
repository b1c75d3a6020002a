import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../../../src/http/message.ts';
import type { Digest } from '../../../../src/oci/digest.ts';
import { parseReference } from '../../../../src/oci/reference.ts';
import { removalHint } from '../../../../src/registry/untag/removal-hint.ts';
import { removerFor } from '../../../../src/registry/untag/remover.ts';
import { makeImage } from '../../../support/images/images.ts';
import { removalRig } from '../../../support/rigs/removal-rig.ts';
import { answer, outcomeOf } from '../../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

/** Answers requests beside manifests by the table; 404 otherwise. */
function serving(answers: Readonly<Record<string, readonly [number, string?]>>) {
  return ({ method, url }: HttpRequest): HttpResponse | undefined => {
    const [status, body = ''] = answers[`${method} ${url.host}${url.pathname}`] ?? [];
    return status === undefined ? undefined : answer(status, { body, url: url.href });
  };
}

const ways: readonly { name: string; tag: string; requests: readonly string[] }[] = [
  {
    name: 'the distribution API',
    tag: 'registry.example/acme/app:a',
    requests: ['GET /api/v2.0/ping', 'DELETE /v2/acme/app/manifests/a'],
  },
  { name: 'Azure', tag: 'acme.azurecr.io/app:a', requests: ['DELETE /acr/v1/app/_tags/a'] },
  {
    name: 'Docker Hub',
    tag: 'acme/app:a',
    requests: ['POST /v2/auth/token', 'DELETE /v2/namespaces/acme/repositories/app/tags/a'],
  },
  {
    name: 'Harbor',
    tag: 'harbor.example/team/app/web:a',
    requests: [
      'GET /api/v2.0/ping',
      `DELETE /api/v2.0/projects/team/repositories/app%252Fweb/artifacts/${amd64.digest}/tags/a`,
    ],
  },
];

const answers = {
  'DELETE registry.example/v2/acme/app/manifests/a': [202],
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
      await (await removerFor(tag.repository, context))(tag);
      assert.deepEqual(registry.requests, requests);
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
      const outcome = await outcomeOf((await removerFor(tag.repository, context))(tag));
      assert.deepEqual(outcome, { class: 'RegistryError', code: 'TAG_NOT_REMOVED' });
      assert.deepEqual(registry.requests, []);
    });
  }

  it('needs a password for Docker Hub', async () => {
    const credential = { kind: 'anonymous', source: 'no login' } as const;
    const { context, hold } = removalRig(serving(answers), { credential });
    const tag = hold('acme/app:a', amd64);
    assert.deepEqual(await outcomeOf((await removerFor(tag.repository, context))(tag)), {
      class: 'AuthError',
      code: 'UNAUTHORIZED',
    });
  });

  it('is a stand-in for GitHub, which is deleted when it has this tag alone', async () => {
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
    await (await removerFor(tag.repository, context))(tag);
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
