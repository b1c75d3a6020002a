/** Inputs that are wrong: every problem at once, each with its input and line, and nothing is asked of any registry. */
import assert from 'node:assert/strict';
import { makeImage } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf } from '../evidence.ts';
import { store } from '../stock.ts';

const digest = `sha256:${'0'.repeat(64)}`;

scenario('everything is wrong at once', {}, async (t) => {
  const { host } = t.registry;
  const run = await t.publish({
    tags: `${host}/app:1, ${host}/App:1\n${host}/app\n${host}/app:1@${digest}\n${host}/app:-x\napp:${'x'.repeat(129)}`,
    sources: [
      `${host}/app:1-amd64 linux`,
      '# the next lines too',
      `${host}/app`,
      `${host}/app:1-arm linux/arm variant=v7 variant=v6 speed=fast`,
      `${host}/app:1-arm64 "linux/arm64`,
      'sha256:1234',
      '{"mediaType":"application/vnd.oci.image.manifest.v1+json"}',
      `${host}/app:1-x linux/amd64 linux/arm64`,
      `${host}/app:one, ${host}/app:two`,
      'oci:',
      '[1',
    ].join('\n'),
    platforms: 'linux\nlinux/amd64\nlinux/amd64/v2/v3',
    annotations: 'org.example.note',
    format: 'zip',
    'prefer-index': 'maybe',
    attestations: 'some',
    'duplicate-platforms': 'both',
    'wait-for-sources': 'soon',
    push: 'yes',
    purge: '1',
    'copy-referrers': 'on',
    'registry-auth': '- registry: ghcr.io\n  user: me',
    'credential-helpers': 'ecr-login',
    'insecure-registries': 'http://registry.test/',
    summary: 'no',
  });
  t.snapshot(run);
  await assertNothingDone(t, run, ['app:1']);
  assert.deepEqual(t.registry.wire, []);
  const [headline = '', ...problems] = errorOf(run).slice(0, -2);
  assert.equal(headline, `${problems.length} invalid inputs:`);
  const named = new Set(problems.map((problem) => problem.split(/[ :]/)[0]));
  assert.equal(named.size, 16, [...named].join());
});

scenario('empty lists', {}, async (t) => {
  const run = await t.publish({ tags: '\n  \n# none\n', sources: '' });
  t.snapshot(run);
  await assertNothingDone(t, run, []);
  assert.equal(errorOf(run).length, 5);
});

scenario('upper case, missing tags and names of every length are told apart', {}, async (t) => {
  const { host } = t.registry;
  const tags = [
    `${host}/Acme/App:1`,
    `${host}/acme/app`,
    `${host}/acme/app:`,
    `${host}/acme//app:1`,
    `${host}/${'a'.repeat(256)}:1`,
    `${host}:1/app:1`,
    'https://ghcr.io/acme/app:1',
    '[::1/app:1',
    'ghcr.io/acme/app:1 latest',
    '$' + '{{ steps.meta.outputs.tags }}',
  ].join('\n');
  const run = await t.publish({ tags, sources: digest });
  t.snapshot(run);
  await assertNothingDone(t, run, []);
  assert.deepEqual(
    errorOf(run)
      .slice(1, -2)
      .map((problem) => problem.split(':')[0]),
    tags.split('\n').map((_, at) => `tags line ${at + 1}`),
  );
});

scenario('control characters in every input', {}, async (t) => {
  const { host } = t.registry;
  const run = await t.publish({
    tags: `${host}/app:1\u0007\n${host}/app\r:2\n${host}/app:3\u0085`,
    sources: `${host}/app:1\u001b[31m\n${host}/app:1 annotation.note=a\rb\n${host}/app:1\u202e`,
    platforms: 'linux/\u0000amd64'.replace('\u0000', '\u0001'),
    annotations: 'org.example.note=\u001b[2J\norg.example.no\u0007te=x',
    format: 'do\u0007cker',
    'insecure-registries': `${host}\u000b/`,
    'wait-for-sources': '1\u0008s',
  });
  t.snapshot(run);
  await assertNothingDone(t, run, ['app:1']);
  assert.deepEqual(t.registry.wire, []);
});

scenario('a hundred thousand characters on one line', {}, async (t) => {
  const { host } = t.registry;
  const long = 'a-_.'.repeat(30_000);
  const inputs = {
    tags: `${host}/${long}:1`,
    sources: `${long} ${'linux/'.repeat(20)}`.slice(0, 120_000),
    platforms: 'linux/'.repeat(20_000),
    annotations: 'index,'.repeat(20_000),
    'insecure-registries': `[${':'.repeat(120_000)}`,
  };
  const run = await t.publish(inputs);
  t.snapshot(run);
  await assertNothingDone(t, run, []);
});

scenario('three hundred sources', {}, async (t) => {
  const variants = Array.from({ length: 300 }, (_, at) => `v${at + 1}`);
  for (const variant of variants) store(t.registry, 'app', variant, makeImage(`linux/riscv64/${variant}`));
  const sources = variants.map((variant) => t.ref(`app:${variant}`)).join('\n');
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.deepEqual(
    entriesOf(run).map(({ platform }) => platform?.['variant']),
    variants,
  );
  assert.equal(t.registry.wire.length, 603);
  assert.ok(t.registry.maxConcurrent <= 32, `${t.registry.maxConcurrent} at once`);
  assert.ok(t.registry.connections <= 32, `${t.registry.connections} connections`);
});

scenario('three hundred sources, all of them wrong', {}, async (t) => {
  const sources = Array.from({ length: 300 }, (_, at) => `${t.registry.host}/app:${at} linux`).join('\n');
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  await assertNothingDone(t, run, []);
  assert.equal(errorOf(run)[0], '300 invalid inputs:');
  assert.equal(errorOf(run)[51], '… and 250 more');
  assert.equal(errorOf(run).length, 54);
});
