import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTranscript, type WireEntry } from '../../support/wire/wire-transcript.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function entries(...requests: readonly (readonly [string, string, number])[]): WireEntry[] {
  return requests.map(([method, path, outcome], index) => ({
    number: index + 1,
    method,
    path,
    outcome,
    authorization: 'none',
    headers: {},
    connection: 1,
    concurrent: 1,
    received: 0,
  }));
}

test('neighbours of one kind are sorted, kinds stay in order', () => {
  const transcript = entries(
    ['GET', '/v2/app/manifests/b', 200],
    ['HEAD', '/v2/app/manifests/a', 404],
    ['POST', '/v2/app/blobs/uploads/', 202],
    ['PUT', `/v2/app/blobs/uploads/123?_state=456&digest=${digest}`, 201],
    ['PUT', `/v2/app/manifests/${digest}`, 201],
    ['PUT', '/v2/app/manifests/2', 201],
    ['PUT', '/v2/app/manifests/1', 201],
    ['GET', '/v2/app/manifests/1', 200],
    ['DELETE', '/v2/app/manifests/old', 202],
  );
  assert.equal(
    renderTranscript(transcript),
    [
      'GET /v2/app/manifests/b 200',
      'HEAD /v2/app/manifests/a 404',
      '',
      'POST /v2/app/blobs/uploads/ 202',
      `PUT /v2/app/blobs/uploads/<upload>?_state=<state>&digest=${digest} 201`,
      `PUT /v2/app/manifests/${digest} 201`,
      '',
      'PUT /v2/app/manifests/1 201',
      'PUT /v2/app/manifests/2 201',
      '',
      'GET /v2/app/manifests/1 200',
      '',
      'DELETE /v2/app/manifests/old 202',
    ].join('\n'),
  );
});

test('token requests stay with their neighbours', () => {
  const transcript = entries(
    ['GET', '/v2/app/manifests/1', 401],
    ['GET', '/token?service=x', 200],
    ['GET', '/v2/app/manifests/1', 200],
  );
  assert.equal(renderTranscript(transcript).includes('\n\n'), false);
});

test('sorted: each different line once', () => {
  const transcript = entries(['GET', '/b', 200], ['GET', '/a', 200], ['GET', '/b', 200]);
  assert.equal(renderTranscript(transcript, 'sorted'), 'GET /a 200\nGET /b 200');
});
