/** The check that every run of the action passes: no secret is in its log, its outputs or its files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knowConfigSecrets, knowInputSecrets } from '../../support/run/given-secrets.ts';
import { assertNoLeaks, withoutMasks } from '../../support/run/leaks.ts';
import { secretOf } from '../../support/run/secrets.ts';

test('a secret is found as it is, in base64 and percent-encoded', () => {
  const word = secretOf('someone', 'pass:word/for+leaks');
  const pair = Buffer.from(`someone:${word}`).toString('base64');
  for (const form of [word, pair, Buffer.from(word).toString('base64'), encodeURIComponent(word)])
    assert.throws(() => assertNoLeaks({ log: `before ${form} after` }), /secrets appear in log/, form);
  assertNoLeaks({ log: withoutMasks(`::add-mask::${word}\nnothing here\n`) });
});

test('the secrets in inputs and in config.json are found without being named', () => {
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
