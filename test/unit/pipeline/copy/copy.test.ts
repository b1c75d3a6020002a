import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combineCopies, stopped } from '../../../../src/pipeline/copy/copy.ts';
import { ActionError, AuthError, NetworkError, withContext } from '../../../../src/run/errors.ts';

const denied = new AuthError('DENIED', 'one', { hint: 'log in' });

test('the failure of one target is thrown unchanged; targets that only stopped do not count', () => {
  const other = withContext('there', stopped) as ActionError;
  assert.equal(combineCopies([other, denied]), denied);
  assert.equal(combineCopies([stopped]), stopped);
});

test('the failures of several targets are listed together', () => {
  const error = combineCopies([denied, new NetworkError('DNS', 'two')]);
  assert(error instanceof ActionError);
  assert.equal(error.code, 'COPY_FAILED');
  assert.equal(error.message, '2 targets could not be copied to:\none\ntwo');
  assert.equal(error.hint, 'log in');
  assert.equal(error.cause, denied);
});
