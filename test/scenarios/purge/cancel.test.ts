/** A purge that is cancelled: no placeholder and no throw-away tag is left, or it is named; every tag is told. */
import assert from 'node:assert/strict';
import { parseManifest } from '../../../src/oci/manifest.ts';
import { isPlaceholder } from '../../../src/registry/placeholder.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import { RunSignal } from '../../support/run/run-signal.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { json } from '../../support/vendors/api-server.ts';
import { testClock } from '../../support/wire/test-clock.ts';
import { CancelAt, type Moment } from '../cancel-at.ts';
import { errorOf } from '../evidence.ts';
import { cloud, ghcr, Packages, purgePackage, repository, token } from './ghcr-rig.ts';
import { amd64, arm64, proxyTo, stage, startApi } from './vendor-rig.ts';

/** What each tag of a repository holds, in a word. */
function held({ registry }: Scenario<TestRegistry>, name: string): Readonly<Record<string, string>> {
  const words = Object.entries(registry.tags(name)).map(([tag, digest]) => {
    const { bytes, mediaType } = registry.manifest(name, digest) ?? assert.fail(`${digest} is gone`);
    const word = isPlaceholder(parseManifest(bytes, mediaType)) ? 'placeholder' : digest;
    return [tag.replace(/-[0-9a-f]{8}$/, ''), word];
  });
  return Object.fromEntries(words);
}

function assertTold(run: ActionRun, name: string, { signal, requests }: CancelAt): void {
  if (!signal.wasSent) assert.fail(`${requests} requests`);
  assert.equal(run.exitCode, 130, run.stdout);
  const [headline, ...lines] = errorOf(run);
  assert.equal(headline, 'Cancelled.');
  assert.ok(
    lines.some((line) => line.startsWith(`${name} `)),
    run.stdout,
  );
  for (const line of lines) assert.ok(run.summary.includes(line.split(' ').at(-1) ?? ''), run.summary);
}

/** Requests of a removal on ghcr.io that is not cancelled. */
const ghcrRequests = 24;

/** Every request, when it has taken effect; and those that write, before they do. */
const moments: readonly (readonly [Moment, number])[] = [
  ...Array.from({ length: ghcrRequests }, (_, at) => ['after', at + 1] as const),
  ...[12, 14].map((at) => ['before', at] as const),
];

for (const [moment, at] of moments) {
  scenario(`cancelled ${moment} request ${at} of a removal on ghcr.io`, ghcr, async (t) => {
    await stage(t, repository);
    const cancellation = new CancelAt(at, moment);
    const api = await startApi(t, 'api.github.com', cancellation.watched(new Packages(t.registry).answer));
    cancellation.watch(t.registry);
    const run = await purgePackage(t, api, ['1-amd64'], { cancel: cancellation.signal });
    assertTold(run, `ghcr.io/${repository}:1-amd64`, cancellation);
    const { '1-amd64': staging, '1': list } = held(t, repository);
    assert.ok(list !== undefined);
    assert.ok(staging === undefined || staging === amd64.digest, `${staging}\n${run.stdout}`);
  });
}

/** Faults of the push that is under way when the job is cancelled, and what the tag then holds. */
const slow = [
  {
    name: 'takes effect',
    fault: 'never-answer-after-store',
    holds: amd64.digest,
    line: /holds sha256:\w+ again/,
  },
  { name: 'does not', fault: 'never-answer', holds: amd64.digest, line: mayHold() },
] as const;

function mayHold(): RegExp {
  return /holds an empty placeholder, or may still get one, not sha256:\w+\. Set it again: `crane tag ghcr\.io\/acme\/app\/web@sha256:\w+ 1-amd64`/;
}

for (const { name, fault, holds, line } of slow) {
  scenario(`cancelled while a placeholder is pushed without an answer, which ${name}`, ghcr, async (t) => {
    await stage(t, repository);
    const signal = new RunSignal();
    const api = await startApi(t, 'api.github.com', new Packages(t.registry).answer);
    t.registry.inject({ on: { method: 'PUT', path: /1-amd64$/ }, fault });
    t.registry.inject({ on: { method: 'HEAD', path: /1-amd64$/, nth: 2 }, fault: 'after', call: soon });
    // The look before the push has to be answered first.
    async function soon(): Promise<void> {
      void testClock.sleep(100).then(() => signal.send());
    }
    const run = await purgePackage(t, api, ['1-amd64'], { cancel: signal });
    assert.equal(run.exitCode, 130, run.stdout);
    assert.match(errorOf(run).join('\n'), line);
    assert.equal(held(t, repository)['1-amd64'], holds);
  });
}

scenario('a placeholder that cannot be put back after a cancellation is named in time', ghcr, async (t) => {
  await stage(t, repository);
  const cancellation = new CancelAt(0, 'after');
  const api = await startApi(t, 'api.github.com', (call) => {
    if (call.method === 'DELETE') cancellation.signal.send();
    return new Packages(t.registry).answer(
      call.method === 'DELETE' ? { ...call, method: 'GET', path: '/users/acme' } : call,
    );
  });
  t.registry.inject({
    on: { method: 'PUT', path: /1-amd64$/, nth: 2, times: 9 },
    fault: 'status',
    status: 503,
  });
  const run = await purgePackage(t, api, ['1-amd64'], { cancel: cancellation.signal });
  assert.equal(run.exitCode, 130, run.stdout);
  assert.match(errorOf(run).join('\n'), mayHold());
  assert.match(run.summary, /crane tag ghcr\.io/);
  assert.equal(held(t, repository)['1-amd64'], 'placeholder');
});

/** Requests of the purge of two tags, with a proof, that is not cancelled. */
const provenRequests = 26;

for (let at = 1; at <= provenRequests; at += 1) {
  scenario(`cancelled after request ${at} of a removal that is proven first`, {}, async (t) => {
    await t.push('app:1-amd64', amd64);
    await t.push('app:1-arm64', arm64);
    const cancellation = new CancelAt(at, 'after');
    cancellation.watch(t.registry);
    const tags = [t.ref('app:1-amd64'), t.ref('app:1-arm64')];
    const run = await t.purge({ tags: tags.join('\n') }, { cancel: cancellation.signal });
    for (const tag of tags) assertTold(run, tag, cancellation);
    const names = Object.keys(held(t, 'app'));
    assert.deepEqual(
      names.filter((name) => name.includes('probe')),
      [],
      run.stdout,
    );
    for (const { digest } of [amd64, arm64]) assert.ok(t.registry.manifest('app', digest));
  });
}

scenario('SIGINT to a process puts the placeholder back, and tells the tag', ghcr, async (t) => {
  await stage(t, repository);
  const signal = new RunSignal();
  const packages = new Packages(t.registry);
  // The version is listed only after the signal, so that the process has time to take it.
  const api = await startApi(t, 'api.github.com', (call) => {
    const isReplaced = held(t, repository)['1-amd64'] === 'placeholder';
    if (isReplaced) signal.send();
    return isReplaced && call.method === 'GET' ? json(200, []) : packages.answer(call);
  });
  const run = await purgePackage(t, api, ['1-amd64'], { manner: 'process', cancel: signal });
  assert.equal(run.exitCode, 130, run.stdout + run.stderr);
  assert.match(
    errorOf(run).join('\n'),
    /^Cancelled\.\nghcr\.io\/acme\/app\/web:1-amd64 holds sha256:\w+ again$/,
  );
  assert.equal(held(t, repository)['1-amd64'], amd64.digest);
});

scenario(
  'a publish that is cancelled while it removes a source, and the same step again',
  ghcr,
  async (t) => {
    await stage(t, repository);
    const cancellation = new CancelAt(0, 'after');
    const packages = new Packages(t.registry);
    let isFirst = true;
    const api = await startApi(t, 'api.github.com', (call) => {
      if (call.method !== 'DELETE' || !isFirst) return packages.answer(call);
      isFirst = false;
      cancellation.signal.send();
      return json(403, {});
    });
    const proxy = await proxyTo(t, { 'ghcr.io': t.registry.host, 'api.github.com': api.host });
    const inputs = {
      tags: `ghcr.io/${repository}:latest`,
      sources: `ghcr.io/${repository}:1-{arch}`,
      platforms: 'linux/amd64,linux/arm64',
      'purge-sources': 'true',
      'github-token': token,
    };
    const env = { HTTPS_PROXY: proxy.url, ...cloud };
    const first = await t.publish(inputs, { env, cancel: cancellation.signal });
    assert.equal(first.exitCode, 130, first.stdout);
    assert.match(
      errorOf(first).join('\n'),
      /Tags of sources:\n\S+1-amd64 holds sha256:\w+ again\n\S+1-arm64 was not touched/,
    );
    assert.equal(held(t, repository)['1-amd64'], amd64.digest);
    const second = await t.publish(inputs, { env });
    assert.equal(second.exitCode, 0, second.stdout);
    assert.equal(second.outputs['platforms'], 'linux/amd64,linux/arm64');
    assert.deepEqual(Object.keys(t.registry.tags(repository)), ['1', 'latest']);
  },
);
