/** Staging tags of GitHub's registry: a placeholder takes the tag, and its package version is deleted. */
import assert from 'node:assert/strict';
import { scenario } from '../../support/run/scenario.ts';
import { json, type Script } from '../../support/vendors/api-server.ts';
import { warningsOf } from '../evidence.ts';
import { cloud, ghcr, Packages, purgePackage, repository, token } from './ghcr-rig.ts';
import { amd64, arm64, proxyTo, purgeThrough, stage, startApi } from './vendor-rig.ts';

const versions = '/orgs/acme/packages/container/app%2Fweb/versions';

for (const kind of ['Organization', 'User'] as const) {
  scenario(
    `tags of ghcr.io go with their placeholders, where a package belongs to: ${kind}`,
    ghcr,
    async (t) => {
      await stage(t, repository);
      const api = await startApi(t, 'api.github.com', new Packages(t.registry, kind).answer);
      const run = await purgePackage(t, api, ['1-amd64', '1-arm64']);
      assert.equal(run.exitCode, 0, run.stdout);
      assert.equal(JSON.parse(run.outputs['purged'] ?? '').length, 2, run.stdout);
      assert.deepEqual(Object.keys(t.registry.tags(repository)), ['1']);
      for (const { digest } of [amd64, arm64]) assert.ok(t.registry.manifest(repository, digest));
      assert.ok(api.calls.every(({ authorization }) => authorization === `token ${token}`));
      const owner = kind === 'User' ? '/users/acme' : '/orgs/acme';
      const deleted = api.calls.filter(({ method }) => method === 'DELETE');
      assert.ok(
        deleted.every(({ path }) => path.startsWith(`${owner}/packages/container/app%2Fweb/versions/`)),
      );
      assert.equal(deleted.length, 2);
    },
  );
}

scenario('on a GitHub server of its own, its API and its registry are used', ghcr, async (t) => {
  await stage(t, repository);
  const packages = new Packages(t.registry);
  const api = await startApi(t, 'github.example', (call) =>
    packages.answer({ ...call, path: call.path.replace(/^\/api\/v3/, '') }),
  );
  const routes = { 'containers.github.example': t.registry.host, 'github.example': api.host };
  const inputs = { tags: `containers.github.example/${repository}:1-amd64`, 'github-token': token };
  const env = {
    GITHUB_API_URL: 'https://github.example/api/v3',
    GITHUB_SERVER_URL: 'https://github.example',
  };
  const run = await purgeThrough(t, await proxyTo(t, routes), inputs, env);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.ok(!('1-amd64' in t.registry.tags(repository)), run.stdout);
  assert.ok(api.calls.every(({ path }) => path.startsWith('/api/v3/')));
});

scenario('a token of another GitHub server is not used for ghcr.io', ghcr, async (t) => {
  await stage(t, repository);
  const api = await startApi(t, 'github.example', () => json(500, {}));
  const proxy = await proxyTo(t, { 'ghcr.io': t.registry.host, 'github.example': api.host });
  const env = {
    GITHUB_API_URL: 'https://github.example/api/v3',
    GITHUB_SERVER_URL: 'https://github.example',
  };
  const inputs = { tags: `ghcr.io/${repository}:1-amd64`, 'github-token': token };
  const run = await purgeThrough(t, proxy, inputs, env);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(api.calls, []);
  assert.match(
    warningsOf(run).join(),
    /Only the packages API of GitHub removes tags of ghcr\.io, and there is no token/,
  );
});

const none: Script = () => json(200, []);

/** Answers the first `count` listings from the packages, then by another script. */
function after(count: number, first: Script, then: Script): Script {
  let listings = 0;
  return (call) => {
    if (call.path.startsWith(`${versions}?`)) listings += 1;
    return call.path === '/users/acme' || listings <= count ? first(call) : then(call);
  };
}

const doubts: readonly {
  readonly name: string;
  readonly script: (packages: Script) => Script;
  readonly warning: RegExp;
  readonly pushes?: 'placeholder';
}[] = [
  {
    name: 'the token may not read the package',
    script: (packages) => (call) =>
      call.path === '/users/acme' ? packages(call) : json(403, { message: '::error::no' }),
    warning:
      /The packages API of GitHub failed listing the versions of the package acme\/app\/web \(403\)\. .*role Admin/,
  },
  {
    name: 'the API does not list the image',
    script: (packages) => (call) => (call.path === '/users/acme' ? packages(call) : json(200, [])),
    warning: /The packages API of GitHub does not list the tag/,
  },
  {
    name: 'the API never lists the placeholder',
    script: (packages) => after(1, packages, none),
    warning:
      /ghcr\.io\/acme\/app\/web:1-amd64 holds sha256:[0-9a-f]+ again: .* does not list the placeholder with only this tag/,
    pushes: 'placeholder',
  },
  {
    name: 'the placeholder has another tag too',
    script: (packages) =>
      after(1, packages, (call) => {
        const answer = packages(call);
        return { ...answer, body: String(answer.body).replaceAll('["1-amd64"]', '["1-amd64","other"]') };
      }),
    warning: /holds sha256:[0-9a-f]+ again: .* does not list the placeholder with only this tag/,
    pushes: 'placeholder',
  },
  {
    name: 'the token may not delete versions',
    script: (packages) => (call) => (call.method === 'DELETE' ? json(403, {}) : packages(call)),
    warning:
      /holds sha256:[0-9a-f]+ again: The packages API of GitHub failed deleting version \d+ of .* \(403\)\. .*role Admin/,
    pushes: 'placeholder',
  },
  {
    name: 'the API says that the version of the placeholder does not exist',
    script: (packages) => (call) => (call.method === 'DELETE' ? json(404, {}) : packages(call)),
    warning:
      /holds sha256:[0-9a-f]+ again: The packages API of GitHub did not delete the placeholder\. .*role Admin/,
    pushes: 'placeholder',
  },
  {
    name: 'the API answers with a web page',
    script: (packages) =>
      after(1, packages, () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' })),
    warning: /holds sha256:[0-9a-f]+ again: The packages API of GitHub answered with no list of the versions/,
    pushes: 'placeholder',
  },
  {
    name: 'it is the last tag of the package',
    script: (packages) => (call) =>
      call.method === 'DELETE'
        ? json(400, { message: 'You cannot delete the last tagged version of a package.' })
        : packages(call),
    warning: /failed deleting version \d+ of .* \(400\)/,
    pushes: 'placeholder',
  },
  {
    name: 'the API is out of service',
    script: (packages) => (call) => (call.method === 'DELETE' ? json(502, {}) : packages(call)),
    warning: /holds sha256:[0-9a-f]+ again: .* \(502\)/,
    pushes: 'placeholder',
  },
];

for (const { name, script, warning, pushes } of doubts) {
  scenario(`tags of ghcr.io hold their images, with a warning: ${name}`, ghcr, async (t) => {
    await stage(t, repository);
    const api = await startApi(t, 'api.github.com', script(new Packages(t.registry).answer));
    const run = await purgePackage(t, api, ['1-amd64', '1-arm64']);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(run.outputs['purged'], '[]');
    assert.equal(warningsOf(run).length, 1, run.stdout);
    assert.match(warningsOf(run)[0] ?? '', warning);
    const { '1-amd64': first, '1-arm64': second } = t.registry.tags(repository);
    assert.deepEqual([first, second], [amd64.digest, arm64.digest]);
    const puts = t.registry.wire.filter(({ method, path }) => method === 'PUT' && path.endsWith('/1-amd64'));
    assert.equal(puts.length, pushes === 'placeholder' ? 2 : 0);
  });
}

scenario('a tag that something else pushed onto the placeholder is left to it', ghcr, async (t) => {
  await stage(t, repository);
  const packages = new Packages(t.registry);
  const api = await startApi(t, 'api.github.com', (call) => {
    if (call.method !== 'DELETE') return packages.answer(call);
    t.registry.plant(repository, '1-amd64', { bytes: arm64.bytes, mediaType: arm64.mediaType });
    return json(403, {});
  });
  const run = await purgePackage(t, api, ['1-amd64']);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(t.registry.tags(repository)['1-amd64'], arm64.digest);
});

scenario(
  'a tag that is pushed while versions are listed is neither overwritten nor removed',
  ghcr,
  async (t) => {
    await stage(t, repository);
    const packages = new Packages(t.registry);
    const api = await startApi(t, 'api.github.com', (call) => {
      const answer = packages.answer(call);
      if (call.path.startsWith(`${versions}?`)) t.registry.plant(repository, '1-amd64', arm64);
      return answer;
    });
    const run = await purgePackage(t, api, ['1-amd64']);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.deepEqual(warningsOf(run), [
      `Not removed, because something else pushed it: ghcr.io/${repository}:1-amd64 (holds ${arm64.digest}, not ${amd64.digest})`,
    ]);
    assert.equal(t.registry.tags(repository)['1-amd64'], arm64.digest);
    assert.ok(api.calls.every(({ method }) => method === 'GET'));
  },
);

scenario('a tag that is pushed before the placeholder is pushed again is left', ghcr, async (t) => {
  await stage(t, repository);
  const api = await startApi(t, 'api.github.com', new Packages(t.registry).answer);
  t.registry.inject({ on: { method: 'PUT', path: /1-amd64$/ }, fault: 'status', status: 503 });
  t.registry.inject({
    on: { method: 'HEAD', path: /1-amd64$/, nth: 3 },
    fault: 'before',
    call: () => t.registry.plant(repository, '1-amd64', arm64),
  });
  const run = await purgePackage(t, api, ['1-amd64']);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(t.registry.tags(repository)['1-amd64'], arm64.digest);
  assert.match(
    warningsOf(run).join(),
    /Not removed, because something else pushed it: \S+1-amd64 \(holds sha256:\w+/,
  );
  const puts = t.registry.wire.filter(({ method, path }) => method === 'PUT' && path.endsWith('/1-amd64'));
  assert.equal(puts.length, 1);
});

scenario('a placeholder that cannot be put back is named, with what to type', ghcr, async (t) => {
  await stage(t, repository);
  const packages = new Packages(t.registry);
  const api = await startApi(t, 'api.github.com', (call) =>
    call.method === 'DELETE' ? json(403, {}) : packages.answer(call),
  );
  const again = { method: 'PUT', path: /1-amd64$/, nth: 2, times: 99 };
  t.registry.inject({ on: again, fault: 'status', status: 403, code: 'DENIED' });
  const run = await purgePackage(t, api, ['1-amd64']);
  assert.match(
    warningsOf(run).join(),
    /1-amd64 holds an empty placeholder, or may still get one, not sha256:\w+: .*Set it again: `crane tag ghcr\.io\/acme\/app\/web@sha256:\w+ 1-amd64`/,
  );
});

scenario('a dry run reads the packages, and says what would be refused', ghcr, async (t) => {
  await stage(t, repository);
  const packages = new Packages(t.registry);
  for (const [answer, warnings] of [
    [packages.answer, 0],
    [() => json(403, {}), 1],
  ] as const) {
    const api = await startApi(t, 'api.github.com', answer);
    const proxy = await proxyTo(t, { 'ghcr.io': t.registry.host, 'api.github.com': api.host });
    const inputs = { tags: `ghcr.io/${repository}:1-amd64`, 'github-token': token, 'dry-run': 'true' };
    const run = await purgeThrough(t, proxy, inputs, cloud);
    assert.equal(run.exitCode, 0, run.stdout);
    assert.equal(warningsOf(run).length, warnings, run.stdout);
    assert.ok(api.calls.every(({ method }) => method === 'GET'));
  }
  assert.deepEqual(t.registry.tags(repository)['1-amd64'], amd64.digest);
});
