import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedAt, failureOfAll, stopped } from '../../../../src/pipeline/copy/failure.ts';
import {
  ActionError,
  AuthError,
  ConflictError,
  IntegrityError,
  NetworkError,
  RegistryError,
  SourceError,
  VerifyError,
} from '../../../../src/run/errors.ts';

const failure = { method: 'PUT', url: 'https://ghcr.io/v2/', status: 500, codes: ['UNKNOWN'] };

test('a failure keeps its class, code and hint when its place is put before it', () => {
  const hint = 'try again';
  const errors = [
    new ActionError('A', 'a', { hint }),
    new AuthError('A', 'a', { hint }),
    new ConflictError('A', 'a', { hint }),
    new IntegrityError('A', 'a', { hint }),
    new NetworkError('A', 'a', { hint }),
    new SourceError('A', 'a', { hint }),
    new RegistryError('A', 'a', failure, { hint }),
  ];
  for (const error of errors) {
    const placed = failedAt('here', error);
    assert.ok(placed instanceof ActionError);
    assert.equal(placed.name, error.name);
    assert.equal(placed.constructor, error.constructor);
    assert.deepEqual([placed.code, placed.message, placed.hint, placed.cause], ['A', 'here: a', hint, error]);
  }
  assert.equal((failedAt('here', new VerifyError('V', 'v')) as ActionError).code, 'V');
});

test('a bug stays as it is', () => {
  const bug = new TypeError('x is undefined');
  assert.equal(failedAt('here', bug), bug);
  assert.equal(failureOfAll([new AuthError('A', 'a'), bug]), bug);
});

test('the failure of one target is the failure; those that only stopped do not count', () => {
  const own = new AuthError('DENIED', 'denied');
  assert.equal(failureOfAll([failedAt('there', stopped), own]), own);
  assert.equal(failureOfAll([stopped]), stopped);
});

test('several failures are told together', () => {
  const error = failureOfAll([
    new AuthError('DENIED', 'one', { hint: 'log in' }),
    new NetworkError('DNS', 'two'),
  ]);
  assert.ok(error instanceof ActionError);
  assert.equal(error.code, 'COPY_FAILED');
  assert.equal(error.message, '2 targets could not be copied to:\none\ntwo');
  assert.equal(error.hint, 'log in');
});
