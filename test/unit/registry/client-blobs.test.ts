import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { page, registryWith, repository } from '../../support/rigs/client-rig.ts';
import { clientOf } from '../../support/rigs/memory-registry.ts';
import { answer, outcomeOf } from '../../support/rigs/wire-rig.ts';

const blob = Buffer.from('{"os":"linux"}');
const descriptor: Descriptor = { mediaType: 'application/json', digest: digestOf(blob), size: blob.length };

const blobs: readonly (readonly [
  name: string,
  answers: readonly HttpResponse[],
  out: readonly [string, number],
  size?: number,
])[] = [
  ['its bytes', [answer(200, { body: blob })], [blob.toString(), 1]],
  [
    'other bytes once',
    [answer(200, { body: '{"os":"darwi"}' }), answer(200, { body: blob })],
    [blob.toString(), 2],
  ],
  ['other bytes for good', [answer(200, { body: '{"os":"darwi"}' })], ['CORRUPTED', 3]],
  ['fewer bytes', [answer(200, { body: blob.subarray(1) })], ['CORRUPTED', 3]],
  ['more bytes', [answer(200, { body: `${blob} ` })], ['CORRUPTED', 3]],
  ['another size than said', [answer(200, { body: blob })], ['CORRUPTED', 3], 3],
  ['no bytes', [answer(200)], ['CORRUPTED', 3]],
  ['a web page', [answer(200, page)], ['NOT_A_REGISTRY', 1]],
  ['404', [answer(404)], ['NOT_FOUND', 1]],
  ['a part', [answer(206, { body: blob })], ['REFUSED', 1]],
];

for (const [name, answers, out, size = descriptor.size] of blobs) {
  test(`getBlob: ${name}`, async () => {
    const registry = registryWith(() => answers[Math.min(registry.requests.length, answers.length) - 1]);
    const found = await outcomeOf(clientOf(registry).getBlob(repository, { ...descriptor, size }));
    const outcome = found instanceof Uint8Array ? Buffer.from(found).toString() : found.code;
    assert.deepEqual([outcome, registry.requests.length], out);
  });
}

test('getBlob leaves room for a page of a proxy, and for no more than 4 MiB', async () => {
  const limits: number[] = [];
  const registry = registryWith((request) => {
    limits.push(request.maxBodyBytes);
    return answer(404);
  });
  for (const size of [1, 100_000, 1e12]) {
    await assert.rejects(clientOf(registry).getBlob(repository, { ...descriptor, size }));
  }
  assert.deepEqual(limits, [65_536, 100_000, 4_194_304]);
});

const presence: readonly { name: string; in: HttpResponse; out: boolean }[] = [
  { name: '200', in: answer(200), out: true },
  { name: '404', in: answer(404), out: false },
  { name: '403', in: answer(403), out: false },
  { name: '405', in: answer(405), out: false },
  { name: 'a web page', in: answer(200, page), out: false },
];

for (const { name, in: response, out } of presence) {
  test(`hasBlob: ${name} is ${out}`, async () => {
    const client = clientOf(registryWith(() => response));
    assert.equal(await client.hasBlob(repository, descriptor.digest), out);
  });
}

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

const text = 'abcdefghij';
const streams: readonly (readonly [
  name: string,
  input: readonly [offset: number, status: number, sent: string],
  out: string,
])[] = [
  ['from the start', [0, 200, text], text],
  ['from an offset, by a server that knows ranges', [4, 206, text.slice(4)], 'efghij'],
  ['from an offset, by a server that knows none', [4, 200, text], 'efghij'],
  ['from an offset at the end of a piece', [6, 200, text], 'ghij'],
  ['from the very end', [10, 200, text], ''],
];

for (const [name, [offset, status, sent], out] of streams) {
  test(`openBlob: ${name}`, async () => {
    const asked: HttpRequest[] = [];
    const registry = registryWith((request) => {
      asked.push(request);
      return { ...answer(status), stream: pieces(sent, 3) };
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of await clientOf(registry).openBlob(repository, descriptor, offset))
      chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString(), out);
    assert.deepEqual(
      asked.map(({ headers: { range }, answer: kind }) => [range, kind]),
      [[offset === 0 ? undefined : `bytes=${offset}-`, 'stream']],
    );
  });
}

const unopened: readonly { name: string; in: HttpResponse; out: string }[] = [
  { name: '404', in: answer(404), out: 'NOT_FOUND' },
  { name: '416', in: answer(416), out: 'REFUSED' },
  { name: 'a web page', in: { ...answer(200, page), stream: pieces('<html>', 9) }, out: 'NOT_A_REGISTRY' },
];

for (const { name, in: response, out } of unopened) {
  test(`openBlob: ${name} is ${out}`, async () => {
    const opening = clientOf(registryWith(() => response)).openBlob(repository, descriptor, 5);
    await assert.rejects(opening, { code: out });
  });
}
