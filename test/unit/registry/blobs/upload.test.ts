import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../../../src/http/message.ts';
import type { Descriptor } from '../../../../src/oci/descriptor.ts';
import { digestOf } from '../../../../src/oci/digest.ts';
import type { BlobSource } from '../../../../src/registry/blobs/blob-stream.ts';
import { BlobUploader } from '../../../../src/registry/blobs/upload.ts';
import { mountBlob, openUpload } from '../../../../src/registry/blobs/upload-session.ts';
import { systemClock } from '../../../../src/run/clock.ts';
import { NetworkError, RegistryError } from '../../../../src/run/errors.ts';
import { clientOf, MemoryRegistry, repositoryOf } from '../../../support/rigs/memory-registry.ts';
import { type AnswerParts, answer, outcomeOf } from '../../../support/rigs/wire-rig.ts';

const repository = repositoryOf('ghcr.io/acme/app');
const mebibyte = 1024 * 1024;
const location = '/v2/acme/app/blobs/uploads/1?_state=a%2Fb~c';
const reset = new NetworkError('CONNECTION', 'reset');

/** The target's answers to PUT and PATCH, in turn; after the last one it accepts everything. */
type Step = Error | (AnswerParts & { readonly status: number });

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** A target that opens uploads and keeps what comes. */
class Target extends MemoryRegistry {
  readonly sent: Sent[] = [];
  opened: AnswerParts = { headers: { location } };
  /** Whether HEAD finds the blob. */
  holds: 'nothing' | 'everything' = 'nothing';

  constructor(...steps: readonly Step[]) {
    super();
    const left = [...steps];
    this.trouble(async (request) => {
      const reply = (status: number, parts: AnswerParts = {}) =>
        answer(status, { ...parts, url: request.url.href });
      if (request.method === 'HEAD') return reply(this.holds === 'everything' ? 200 : 404);
      if (request.method === 'POST') return reply(202, this.opened);
      if (request.method === 'DELETE') return reply(204);
      await this.#take(request);
      const step = left.shift();
      if (step instanceof Error) throw step;
      if (step !== undefined) return reply(step.status, step);
      return request.method === 'PATCH' ? reply(202, { headers: { location } }) : reply(201);
    });
  }

  async #take({ method, url, headers, body }: HttpRequest): Promise<void> {
    const chunks: Uint8Array[] = [];
    if (typeof body === 'function') for await (const chunk of body()) chunks.push(chunk);
    else if (body !== undefined) chunks.push(body);
    this.sent.push({ method, target: url.pathname + url.search, headers, bytes: Buffer.concat(chunks) });
  }

  get methods(): string {
    return this.requests.map((text) => text.split(' ')[0]).join(' ');
  }
}

function uploaderTo(target: Target, more: { signal?: AbortSignal } = {}) {
  const moved: number[] = [];
  const uploader = new BlobUploader({
    client: clientOf(target),
    repository,
    onBytes: (count) => moved.push(count),
    signal: new AbortController().signal,
    clock: { ...systemClock, sleep: target.clock.sleep, random: () => 0.5 },
    ...more,
  });
  return { uploader, moved };
}

function descriptorOf(bytes: Uint8Array): Descriptor {
  return { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.byteLength };
}

/** A blob in pieces of 100 000 bytes; notes where it was opened. */
function blob(bytes: Uint8Array, more: Partial<BlobSource> = {}): BlobSource & { readonly opened: number[] } {
  const opened: number[] = [];
  const open: BlobSource['open'] = async function* (offset) {
    opened.push(offset);
    for (let at = offset; at < bytes.byteLength; at += 100_000) yield bytes.subarray(at, at + 100_000);
  };
  return {
    descriptor: descriptorOf(bytes),
    name: 'the source',
    open,
    interrupted: 'resume',
    opened,
    ...more,
  };
}

const content = Buffer.alloc(350_000, 'layer');

test('a blob goes in two requests, to the Location as the registry wrote it', async () => {
  const target = new Target();
  const { uploader, moved } = uploaderTo(target);
  await uploader.upload(blob(content));
  const { digest } = descriptorOf(content);
  assert.equal(target.methods, 'POST PUT');
  assert.equal(target.sent[0]?.target, `${location}&digest=${encodeURIComponent(digest)}`);
  assert.equal(target.sent[0]?.headers['content-length'], '350000');
  assert.deepEqual(target.sent[0]?.bytes, content);
  assert.deepEqual(moved, [100_000, 100_000, 100_000, 50_000]);
});

test('an empty blob is a blob', async () => {
  const target = new Target();
  await uploaderTo(target).uploader.upload(blob(Buffer.alloc(0)));
  assert.equal(target.methods, 'POST PUT');
  assert.equal(target.sent[0]?.headers['content-length'], '0');
});

test('an open session is used', async () => {
  const target = new Target();
  const session = await openUpload(clientOf(target), repository);
  await uploaderTo(target).uploader.upload(blob(content), session);
  assert.equal(target.methods, 'POST PUT');
});

test('a temporary failure starts over with a new session', async (t) => {
  const passing: readonly Step[] = [
    reset,
    new NetworkError('DNS', 'dns'),
    { status: 500 },
    { status: 503 },
    { status: 408 },
    { status: 429 },
    { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' },
    { status: 416 },
    { status: 400, body: '{"errors":[{"code":"BLOB_UPLOAD_INVALID"}]}' },
    { status: 400, body: '{"errors":[{"code":"DIGEST_INVALID"}]}' },
  ];
  for (const step of passing) {
    await t.test(step instanceof Error ? step.message : `${step.status} ${step.body ?? ''}`, async () => {
      const target = new Target(step, step, step);
      const { uploader, moved } = uploaderTo(target);
      await uploader.upload(blob(content));
      const again = 'POST PUT DELETE HEAD';
      assert.equal(target.methods, `${again} ${again} ${again} POST PUT`);
      assert.equal(
        moved.reduce((sum, count) => sum + count),
        content.byteLength,
      );
    });
  }
});

test('an upload fails after four attempts', async () => {
  const target = new Target(reset, reset, reset, reset, reset);
  const failed = await outcomeOf(uploaderTo(target).uploader.upload(blob(content)));
  assert.deepEqual(failed, { class: 'NetworkError', code: 'CONNECTION' });
  assert.equal(target.requests.filter((text) => text.startsWith('PUT')).length, 4);
});

test('an upload that took effect is not repeated', async () => {
  const target = new Target(reset);
  target.holds = 'everything';
  await uploaderTo(target).uploader.upload(blob(content));
  assert.equal(target.methods, 'POST PUT DELETE HEAD');
});

test('a refused upload is not repeated', async (t) => {
  const refusals = [
    { status: 400, expected: { class: 'RegistryError', code: 'REFUSED' } },
    { status: 403, expected: { class: 'AuthError', code: 'DENIED' } },
    { status: 413, expected: { class: 'RegistryError', code: 'TOO_LARGE' } },
  ];
  for (const { status, expected } of refusals) {
    await t.test(String(status), async () => {
      const target = new Target({ status });
      assert.deepEqual(await outcomeOf(uploaderTo(target).uploader.upload(blob(content))), expected);
      assert.equal(target.methods, 'POST PUT DELETE');
    });
  }
});

test('a session that does not open is the end', async () => {
  const closed = new MemoryRegistry();
  closed.trouble((request) =>
    request.method === 'POST' ? answer(403, { url: request.url.href }) : undefined,
  );
  const failed = await outcomeOf(openUpload(clientOf(closed), repository));
  assert.deepEqual(failed, { class: 'AuthError', code: 'DENIED' });
});

test('success that is not 201 counts when the blob is there', async () => {
  const target = new Target({ status: 200 });
  target.holds = 'everything';
  await uploaderTo(target).uploader.upload(blob(content));
  const lying = new Target({ status: 200 }, { status: 204 });
  const failed = await outcomeOf(uploaderTo(lying).uploader.upload(blob(content)));
  assert.deepEqual(failed, { class: 'IntegrityError', code: 'NOT_STORED' });
});

test('a broken read continues where it stopped', async () => {
  const target = new Target();
  const whole = blob(content);
  let breaks = 3;
  const origin: BlobSource = {
    ...whole,
    open: async function* (offset) {
      for await (const piece of whole.open(offset)) {
        yield piece;
        breaks -= 1;
        if (breaks >= 0) throw reset;
      }
    },
  };
  await uploaderTo(target).uploader.upload(origin);
  assert.deepEqual(whole.opened, [0, 100_000, 200_000, 300_000]);
  assert.equal(target.methods, 'POST PUT');
  assert.deepEqual(target.sent[0]?.bytes, content);
});

test('a read that breaks for good ends after as many tries as an upload', async () => {
  const target = new Target();
  const opened: number[] = [];
  const origin: BlobSource = {
    ...blob(content),
    open: async function* (offset) {
      opened.push(offset);
      yield content.subarray(offset, offset + 10);
      throw reset;
    },
  };
  const failed = await outcomeOf(uploaderTo(target).uploader.upload(origin));
  assert.deepEqual(failed, { class: 'NetworkError', code: 'CONNECTION' });
  assert.equal(opened.length, 4 * 5);
});

test('a source that does not open is the end, and the session is cancelled', async () => {
  const target = new Target();
  const missing = new RegistryError('NOT_FOUND', 'gone', { method: 'GET', url: '', status: 404, codes: [] });
  const origin = blob(content, {
    open: async function* () {
      yield* [];
      throw missing;
    },
  });
  await assert.rejects(uploaderTo(target).uploader.upload(origin), missing);
  assert.equal(target.methods, 'POST DELETE');
});

test('wrong bytes are tried once more, and never sent whole', async (t) => {
  const wrong = Buffer.from(content);
  wrong[0] = 0;
  const table = [
    { name: 'other bytes', bytes: wrong },
    { name: 'too few', bytes: content.subarray(0, 250_000) },
    { name: 'too many', bytes: Buffer.concat([content, content]) },
  ];
  for (const { name, bytes } of table) {
    await t.test(name, async () => {
      const target = new Target();
      const origin = { ...blob(bytes), descriptor: descriptorOf(content) };
      const failed = await outcomeOf(uploaderTo(target).uploader.upload(origin));
      assert.deepEqual(failed, { class: 'IntegrityError', code: 'CORRUPTED' });
      assert.equal(target.methods, 'POST PUT DELETE HEAD POST PUT DELETE');
      assert.deepEqual(target.sent, []);
    });
  }
});

test('chunks end where they should', async (t) => {
  const table = [
    { size: 8 * mebibyte, ranges: [] },
    { size: 8 * mebibyte + 1, ranges: ['0-8388607', '8388608-8388608'] },
    { size: 16 * mebibyte, ranges: ['0-8388607', '8388608-16777215'] },
    { size: 16 * mebibyte + 5, ranges: ['0-8388607', '8388608-16777215', '16777216-16777220'] },
  ];
  for (const { size, ranges } of table) {
    await t.test(`${size} bytes`, async () => {
      const bytes = Buffer.alloc(size, 'x');
      const target = new Target();
      target.opened = { headers: { location, 'oci-chunk-min-length': '1000' } };
      await uploaderTo(target).uploader.upload(blob(bytes));
      assert.deepEqual(
        target.sent.flatMap(({ headers }) => headers['content-range'] ?? []),
        ranges,
      );
      assert.deepEqual(Buffer.concat(target.sent.map((each) => each.bytes)), bytes);
      const last = target.sent.at(-1);
      assert.equal(last?.method, 'PUT');
      assert.equal(last?.headers['content-length'], ranges.length === 0 ? String(size) : '0');
    });
  }
});

test('a huge minimum chunk is not held in memory', async () => {
  const bytes = Buffer.alloc(9 * mebibyte, 'x');
  for (const least of ['1073741824', '-1', 'many', '1.5']) {
    const target = new Target();
    target.opened = { headers: { location, 'oci-chunk-min-length': least } };
    await uploaderTo(target).uploader.upload(blob(bytes));
    assert.equal(target.methods, 'POST PUT', least);
  }
});

test('after 413 later blobs go in chunks from the start', async () => {
  const bytes = Buffer.alloc(9 * mebibyte, 'x');
  const target = new Target({ status: 413 });
  const { uploader } = uploaderTo(target);
  await uploader.upload(blob(bytes));
  await uploader.upload(blob(bytes));
  assert.equal(target.methods, 'POST PUT DELETE HEAD POST PATCH PATCH PUT POST PATCH PATCH PUT');
});

test('a chunk of which the registry took only a part starts the blob over', async () => {
  const bytes = Buffer.alloc(9 * mebibyte, 'x');
  const target = new Target({ status: 202, headers: { location, range: '0-4000000' } });
  target.opened = { headers: { location, 'oci-chunk-min-length': '1000' } };
  await uploaderTo(target).uploader.upload(blob(bytes));
  assert.equal(target.methods, 'POST PATCH DELETE HEAD POST PATCH PATCH PUT');
});

test('an aborted copy sends nothing more and does not retry', async () => {
  const stop = new AbortController();
  const reason = new NetworkError('CONNECTION', 'stopped');
  const target = new Target();
  const whole = blob(content);
  const origin: BlobSource = {
    ...whole,
    open: async function* (offset) {
      for await (const piece of whole.open(offset)) {
        yield piece;
        stop.abort(reason);
      }
    },
  };
  await assert.rejects(uploaderTo(target, { signal: stop.signal }).uploader.upload(origin), reason);
  assert.equal(target.methods, 'POST PUT DELETE');
});

test('uploads stay at the registry', async (t) => {
  const table = [
    { at: '/v2/acme/app/blobs/uploads/2', outcome: 'stays' },
    { at: 'uploads/3?x=1', outcome: 'stays' },
    { at: 'https://ghcr.io/elsewhere', outcome: 'stays' },
    { at: 'https://ghcr.io:443/v2/', outcome: 'stays' },
    { at: 'https://evil.example/v2/', outcome: 'refused' },
    { at: 'https://ghcr.io:8443/v2/', outcome: 'refused' },
    { at: 'http://ghcr.io/v2/', outcome: 'refused' },
    { at: '//evil.example/v2/', outcome: 'refused' },
    { at: 'https://user:password@ghcr.io/v2/', outcome: 'refused' },
    { at: 'https://ghcr.io.evil.example/', outcome: 'refused' },
    { at: 'http://[', outcome: 'refused' },
    { at: undefined, outcome: 'refused' },
  ];
  for (const { at, outcome } of table) {
    await t.test(at ?? 'no location', async () => {
      const target = new Target();
      target.opened = { headers: at === undefined ? {} : { location: at } };
      const result = await outcomeOf(openUpload(clientOf(target), repository));
      const refused = { class: 'RegistryError', code: 'LOCATION' };
      if (outcome === 'refused') assert.deepEqual(result, refused);
      else assert.notDeepEqual(result, refused);
    });
  }
});

test('a mount is taken, or opens an upload, or is refused', async (t) => {
  const table: readonly { step: HttpResponse; expected: string }[] = [
    { step: answer(201), expected: 'mounted' },
    { step: answer(202, { headers: { location } }), expected: 'UploadSession' },
    { step: answer(401), expected: 'refused' },
    { step: answer(403), expected: 'refused' },
    { step: answer(404), expected: 'refused' },
    { step: answer(405), expected: 'refused' },
    { step: answer(200, { headers: { 'content-type': 'text/html' } }), expected: 'refused' },
  ];
  const digest = digestOf(content);
  const from = repositoryOf('ghcr.io/acme/base');
  for (const { step, expected } of table) {
    await t.test(`${step.status}`, async () => {
      const registry = new MemoryRegistry();
      let query = '';
      registry.trouble((request) => {
        query = request.url.search;
        return { ...step, url: request.url };
      });
      const result = await mountBlob(clientOf(registry), digest, from, repository);
      assert.equal(typeof result === 'string' ? result : result.constructor.name, expected);
      assert.equal(query, `?mount=${encodeURIComponent(digest)}&from=acme%2Fbase`);
    });
  }
});
