import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActionError,
  AuthError,
  type Combine,
  combined,
  InputError,
  NetworkError,
  RegistryError,
  waitForAll,
  withContext,
} from '../../../src/run/errors.ts';

const bug = new TypeError('x is undefined');
const denied = new AuthError('DENIED', 'one', { hint: 'log in' });
const unknown = new NetworkError('DNS', 'two');

const join: Combine = (failures) =>
  new ActionError('JOINED', failures.map(({ message }) => message).join('\n'));

/** A class with a constructor of its own. */
class Silent extends NetworkError {
  constructor() {
    super('TIMEOUT', 'no answer');
  }
}

test('a failure keeps its class and fields when context is put before its message, and is the cause', () => {
  const failure = { method: 'PUT', url: 'https://ghcr.io/v2/', status: 500, codes: ['UNKNOWN'] };
  const refused = new RegistryError('REFUSED', 'no', failure, { hint: 'try again' });
  const invalid = new InputError([{ input: 'tags', line: 2, message: 'no tag' }]);
  for (const error of [denied, unknown, refused, invalid, new Silent()]) {
    const placed = withContext('here', error);
    assert(placed instanceof ActionError);
    assert.deepEqual(
      [placed.code, placed.message, placed.hint, placed.cause],
      [error.code, `here: ${error.message}`, error.hint, error],
    );
    assert(placed instanceof error.constructor && String(placed) === `${error.name}: ${placed.message}`);
    assert.deepEqual({ ...placed }, { ...error });
  }
  assert.equal(withContext('here', bug), bug);
});

test('several failures are combined, and so is a single one', () => {
  assert.equal((combined([denied, unknown], join) as ActionError).message, 'one\ntwo');
  assert.equal((combined([denied], join) as ActionError).message, 'one');
});

test('a bug wins over failures, wherever it stands', () => {
  for (const errors of [[bug], [bug, denied], [denied, bug]]) assert.equal(combined(errors, join), bug);
});

test('all jobs end before their errors are thrown as one', async () => {
  let ended = false;
  const slow = new Promise<string>((done) =>
    setImmediate(() => {
      ended = true;
      done('slow');
    }),
  );
  await assert.rejects(waitForAll([Promise.reject(denied), slow], join), { code: 'JOINED', message: 'one' });
  assert(ended);
  assert.deepEqual(await waitForAll([slow, Promise.resolve('fast')], join), ['slow', 'fast']);
});
