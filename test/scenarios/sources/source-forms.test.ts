/** The ways to name a source in a registry. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { describe, makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf, everywhere } from '../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');

scenario('a source by tag and digest is read by its digest, wherever the tag went', everywhere, async (t) => {
  await t.push('app:1-amd64', amd64);
  await t.push('app:1-amd64', makeImage('linux/amd64', { name: 'newer' }));
  const sources = t.ref(`app:1-amd64@${amd64.digest}`);
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(
    entriesOf(run).map(({ digest }) => digest),
    [amd64.digest],
  );
});

scenario('sources by digest, with their repository or bare', everywhere, async (t) => {
  await t.push('app', amd64);
  await t.push('app', arm64);
  const sources = `${t.ref(`app@${amd64.digest}`)}\n${arm64.digest}`;
  const run = await t.publish({ tags: `${t.ref('app:1')}\n${t.ref('app:latest')}`, sources });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.equal(run.outputs['platforms'], 'linux/amd64,linux/arm64');
});

scenario('a bare digest with tags in two repositories could mean either', everywhere, async (t) => {
  await t.push('app', amd64);
  await t.push('mirror', amd64);
  const run = await t.publish({ tags: `${t.ref('app:1')}\n${t.ref('mirror:1')}`, sources: amd64.digest });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1', 'mirror:1']);
  assert.match(errorOf(run)[0] ?? '', /sources line 1: sha256:c0c5.+\[SOURCE_REPOSITORY\]/);
});

scenario('a directory of digests, with a list for each of two repositories', {}, async (t) => {
  for (const name of ['app', 'mirror']) for (const image of [amd64, arm64]) await t.push(name, image);
  const list = (name: string) => `- tags: ${t.ref(`${name}:1`)}\n  sources: digests:d\n`;
  const workspace = { 'd/amd64': amd64.digest, 'd/arm64': arm64.digest };
  const run = await t.publish({ spec: `${list('app')}${list('mirror')}` }, { workspace });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal((await t.served('app:1'))?.digest, (await t.served('mirror:1'))?.digest);
});

scenario(
  'descriptors as JSON, one line and several, with platform and annotations',
  everywhere,
  async (t) => {
    await t.push('app', amd64);
    await t.push('app', arm64);
    const one = { ...describe(amd64), annotations: { 'org.example.from': 'the descriptor' } };
    const other = { ...describe(arm64), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } };
    const sources = `${JSON.stringify(one)}\n${JSON.stringify(other, null, 2)} annotation.org.example.note="by hand"`;
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    assert.equal(run.exitCode, 0, run.stdout);
    t.snapshot(run);
    assert.deepEqual(entriesOf(run), [
      { ...one, platform: { architecture: 'amd64', os: 'linux' } },
      { ...other, annotations: { 'org.example.note': 'by hand' } },
    ]);
  },
);

scenario('a descriptor that is not what the registry serves', everywhere, async (t) => {
  await t.push('app', amd64);
  const sources = JSON.stringify({ ...describe(amd64), size: amd64.size + 1 });
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  t.snapshot(run, { wire: 'none' });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run)[0] ?? '', /sources line 1: .+ 403 bytes, .+ 402 /);
});

scenario('the outputs of matrix jobs, as toJSON(needs) gives them', everywhere, async (t) => {
  await t.push('app:1-amd64', amd64);
  await t.push('app', arm64);
  const outputs = { 'linux-amd64': t.ref('app:1-amd64'), 'linux-arm64': arm64.digest };
  const needs = { build: { result: 'success', outputs } };
  const run = await t.publish({ tags: t.ref('app:1'), sources: JSON.stringify(needs, null, 2) });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
});

scenario('sources whose digests are sha512', {}, async (t) => {
  const digest = `sha512:${createHash('sha512').update(amd64.bytes).digest('hex')}`;
  await t.push('app', amd64);
  const { status } = await fetch(`${t.registry.url}/v2/app/manifests/${digest}`, {
    method: 'PUT',
    headers: { 'content-type': amd64.mediaType, 'x-test-setup': '1' },
    body: amd64.bytes,
  });
  assert.equal(status, 201);
  const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref(`app@${digest}`) });
  assert.equal(run.exitCode, 0, run.stdout);
  t.snapshot(run);
  assert.deepEqual(
    entriesOf(run).map((entry) => entry.digest),
    [digest],
  );
});

scenario('one source on two lines is refused: a platform may be lost', {}, async (t) => {
  await t.push('app:1-amd64', amd64);
  const sources = `${t.ref('app:1-amd64')}\n${t.ref('app:1-amd64')}\n${amd64.digest}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(
    errorOf(run)[0] ?? '',
    /^sources line 2 repeats line 1: \S+\/app:1-amd64 \[DUPLICATE_PLATFORM\]/,
  );
});

scenario('an upper-case host is the same registry', { ...everywhere }, async (t) => {
  await t.push('app:1-amd64', amd64);
  const at = (host: string, name: string) => t.ref(name).replace('127.0.0.1', host);
  const run = await t.publish({ tags: at('LOCALHOST', 'app:1'), sources: at('LocalHost', 'app:1-amd64') });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['tags'], at('localhost', 'app:1'));
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ family }) => family === 'IPv6'),
);

scenario('a registry named by an IPv6 address', { skip: hasIpv6 ? false : 'there is no IPv6' }, async (t) => {
  await t.push('app:1-amd64', amd64);
  // IPv4 as IPv6 has it (RFC 4291 §2.5.5.2): the registry itself listens on IPv4 alone.
  const host = `[::ffff:7f00:1]:${t.registry.host.split(':')[1]}`;
  const inputs = { tags: `${host}/app:1`, sources: `${host}/app:1-amd64`, 'insecure-registries': host };
  const run = await t.publish(inputs);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal(run.outputs['tags'], `${host}/app:1`);
  assert.equal((await t.served('app:1'))?.digest, run.outputs['digest']);
});
