import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListRequest } from '../../../src/pipeline/request.ts';
import { forEachList, listName } from '../../../src/publish/each-list.ts';
import { ActionError } from '../../../src/run/errors.ts';
import { target } from '../../support/rigs/push-rig.ts';

const lists = ['a', 'b', 'c'].map((tag) => ({ request: { tags: [target(tag)] } as unknown as ListRequest }));
const failing =
  (...names: readonly string[]) =>
  async ({ request: { tags } }: { readonly request: ListRequest }): Promise<string> => {
    const [first] = tags;
    if (first !== undefined && names.includes(first.tag))
      throw new ActionError('FORMAT', `${first.tag} failed`, { hint: 'Do it.' });
    return first?.tag ?? '';
  };

test('the results of all lists are in their order', async () =>
  assert.deepEqual(await forEachList(lists, failing()), ['a', 'b', 'c']));

test('the failure of a single list is thrown unchanged', () =>
  assert.rejects(forEachList(lists.slice(0, 1), failing('a')), { message: 'a failed' }));

test('the failure of one of several lists names it', async () => {
  const error = { code: 'FORMAT', message: 'ghcr.io/acme/app:b: b failed', hint: 'Do it.' };
  await assert.rejects(forEachList(lists, failing('b')), error);
});

test('the failures of several lists are one', async () => {
  const message = '2 lists cannot be published:\nghcr.io/acme/app:a: a failed\nghcr.io/acme/app:c: c failed';
  await assert.rejects(forEachList(lists, failing('a', 'c')), {
    code: 'FORMAT',
    message,
    hint: 'Do it.',
  });
});

test('a list without tags has a name, too', () =>
  assert.equal(listName({ tags: [] } as unknown as ListRequest), 'a list'));
