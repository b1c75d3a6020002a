import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputVariables } from '../../support/run/action-definition.ts';
import { parseFileCommands } from '../../support/run/file-commands.ts';
import { knowConfigSecrets, knowInputSecrets } from '../../support/run/given-secrets.ts';
import { assertNoLeaks, withoutMasks, withoutSecrets } from '../../support/run/leaks.ts';
import { scrub } from '../../support/run/scrub.ts';
import { secret, secretOf } from '../../support/run/secrets.ts';

test('file commands in both forms', () => {
  const text = ['one<<d_1', 'first', 'second=<<x', 'd_1', 'two=2', 'three<<d_2', 'd_2', ''].join('\n');
  assert.deepEqual(parseFileCommands(text), { one: 'first\nsecond=<<x', two: '2', three: '' });
});

for (const text of ['no command', 'open<<end\nvalue\n'])
  test(`a broken command file is an error: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseFileCommands(text), /not a file command|no end to a value/);
  });

test('inputs become variables as the runner names them, with defaults, without expressions', () => {
  const variables = inputVariables('publish', { tags: 'a/b:1' });
  assert.equal(variables['INPUT_TAGS'], 'a/b:1');
  assert.equal(variables['INPUT_PREFER-INDEX'], 'true');
  assert.equal(variables['INPUT_GITHUB-TOKEN'], '');
  assert.equal(variables['INPUT_PLATFORMS'], '');
  assert.throws(() => inputVariables('publish', { tag: 'a/b:1' }), /no input tag/);
});

test('a secret is found as it is, in base64 and percent-encoded', () => {
  const word = secretOf('someone', 'pass:word/for+leaks');
  const pair = Buffer.from(`someone:${word}`).toString('base64');
  for (const form of [word, pair, Buffer.from(word).toString('base64'), encodeURIComponent(word)])
    assert.throws(() => assertNoLeaks({ log: `before ${form} after` }), /secrets appear in log/, form);
  assertNoLeaks({ log: withoutMasks(`::add-mask::${word}\nnothing here\n`) });
  assert.equal(withoutSecrets(`<${word}>`), '<<secret>>');
  assert.throws(() => secret('short'), /at least 8/);
});

test('secrets in inputs and in config.json are known without being named', () => {
  knowInputSecrets({
    'github-token': 'token-of-the-job',
    'registry-auth': '- registry: a.test\n  username: me\n  password: given-by-input\n',
  });
  const auth = Buffer.from('me:given:by:config').toString('base64');
  knowConfigSecrets(JSON.stringify({ auths: { 'b.test': { auth, identitytoken: 'identity-token' } } }));
  for (const word of ['token-of-the-job', 'given-by-input', 'given:by:config', auth, 'identity-token'])
    assert.throws(() => assertNoLeaks({ log: word }), /secrets appear/, word);
  knowInputSecrets({ 'registry-auth': '{ broken' });
  knowConfigSecrets('{ broken');
});

test('what differs from run to run is replaced', () => {
  const scrubbing = {
    hosts: new Map([['127.0.0.1:41234', 'registry-1.test']]),
    directories: new Map([['/tmp/run-1/temp', '<runner-temp>']]),
  };
  const text = 'http://127.0.0.1:41234/v2/ in 12.5 ms, 1.25 s, 15s /tmp/run-1/temp/x 2026-01-02T03:04:05Z';
  assert.equal(
    scrub(text, scrubbing),
    'http://registry-1.test/v2/ in <duration>, <duration>, 15s <runner-temp>/x <time>',
  );
  assert.equal(scrub('::add-mask::one\n::add-mask::two\nx', scrubbing), '::add-mask::<secret>\nx');
});
