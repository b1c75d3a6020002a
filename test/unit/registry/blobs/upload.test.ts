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
  const [sent] = target.sent;
  assert.equal(target.methods, 'POST PUT');
  assert.equal(sent?.target, `${location}&digest=${encodeURIComponent(digestOf(content))}`);
  assert.equal(sent?.headers['content-length'], '350000');
  assert.deepEqual(sent?.bytes, content);
  assert.deepEqual(moved, [100_000, 100_000, 100_000, 50_000]);
});

test('an open session is used', async () => {
  const target = new Target();
  const session = await openUpload(clientOf(target), repository);
  await uploaderTo(target).uploader.upload(blob(content), session);
  assert.equal(target.methods, 'POST PUT');
});

const coded = (code: string) => `{"errors":[{"code":"${code}"}]}`;
const temporary: readonly Step[] = [
  ...[reset, new NetworkError('DNS', 'dns')],
  ...[500, 503, 408, 429, 416].map((status) => ({ status })),
  { status: 404, body: coded('BLOB_UPLOAD_UNKNOWN') },
  { status: 400, body: coded('BLOB_UPLOAD_INVALID') },
  { status: 400, body: coded('DIGEST_INVALID') },
];

for (const step of temporary) {
  const name = step instanceof Error ? step.message : `${step.status} ${step.body ?? ''}`;
  test(`an upload starts over with a new session after ${name}`, async () => {
    const target = new Target(step, step, step);
    const { uploader, moved } = uploaderTo(target);
    await uploader.upload(blob(content));
    assert.equal(target.methods, `${'POST PUT DELETE HEAD '.repeat(3)}POST PUT`);
    assert.equal(
      moved.reduce((sum, count) => sum + count),
      content.byteLength,
    );
  });
}

const nine = Buffer.alloc(9 * mebibyte, 'x');
const minChunk = (size: string): AnswerParts => ({ headers: { location, 'oci-chunk-min-length': size } });

type Case = readonly [
  name: string,
  setup: Partial<Pick<Target, 'holds' | 'opened'>> & { readonly steps?: readonly Step[] },
  methods: string,
  more?: { readonly bytes?: Uint8Array; readonly code?: string },
];

const table: readonly Case[] = [
  ['an empty blob is a blob', {}, 'POST PUT', { bytes: Buffer.alloc(0) }],
  [
    'an upload fails after four attempts',
    { steps: Array(5).fill(reset) },
    `${'POST PUT DELETE HEAD '.repeat(3)}POST PUT DELETE`,
    { code: 'CONNECTION' },
  ],
  [
    'an upload that took effect is not repeated',
    { steps: [reset], holds: 'everything' },
    'POST PUT DELETE HEAD',
  ],
  ['400 is not repeated', { steps: [{ status: 400 }] }, 'POST PUT DELETE', { code: 'REFUSED' }],
  ['403 is not repeated', { steps: [{ status: 403 }] }, 'POST PUT DELETE', { code: 'DENIED' }],
  [
    '413 of a small blob is not repeated',
    { steps: [{ status: 413 }] },
    'POST PUT DELETE',
    { code: 'TOO_LARGE' },
  ],
  ['200 counts when the blob is there', { steps: [{ status: 200 }], holds: 'everything' }, 'POST PUT HEAD'],
  [
    '200 and 204 do not count when it is not',
    { steps: [{ status: 200 }, { status: 204 }] },
    'POST PUT HEAD DELETE HEAD POST PUT HEAD DELETE',
    { code: 'NOT_STORED' },
  ],
  ...['1073741824', '-1', 'many', '1.5'].map(
    (size) =>
      [
        `a minimum chunk of ${size} is not followed`,
        { opened: minChunk(size) },
        'POST PUT',
        { bytes: nine },
      ] as const,
  ),
  [
    'a chunk of which the registry took only a part starts the blob over',
    { steps: [{ status: 202, headers: { location, range: '0-4000000' } }], opened: minChunk('1000') },
    'POST PATCH DELETE HEAD POST PATCH PATCH PUT',
    { bytes: nine },
  ],
];

for (const [name, { steps = [], ...setup }, methods, { bytes = content, code } = {}] of table) {
  test(`upload: ${name}`, async () => {
    const target = Object.assign(new Target(...steps), setup);
    const failed = await outcomeOf(uploaderTo(target).uploader.upload(blob(bytes)));
    assert.deepEqual([failed?.code, target.methods], [code, methods]);
  });
}

test('a session that does not open is the end', async () => {
  const closed = new MemoryRegistry();
  closed.trouble(({ method, url }) => (method === 'POST' ? answer(403, { url: url.href }) : undefined));
  const failed = await outcomeOf(openUpload(clientOf(closed), repository));
  assert.deepEqual(failed, { class: 'AuthError', code: 'DENIED' });
});

test('a broken read continues where it stopped', async () => {
  const target = new Target();
  const whole = blob(content);
  let breaks = 3;
  const source: BlobSource = {
    ...whole,
    open: async function* (offset) {
      for await (const piece of whole.open(offset)) {
        yield piece;
        breaks -= 1;
        if (breaks >= 0) throw reset;
      }
    },
  };
  await uploaderTo(target).uploader.upload(source);
  assert.deepEqual(whole.opened, [0, 100_000, 200_000, 300_000]);
  assert.equal(target.methods, 'POST PUT');
  assert.deepEqual(target.sent[0]?.bytes, content);
});

test('a read that breaks for good ends after as many tries as an upload', async () => {
  const target = new Target();
  const opened: number[] = [];
  const source: BlobSource = {
    ...blob(content),
    open: async function* (offset) {
      opened.push(offset);
      yield content.subarray(offset, offset + 10);
      throw reset;
    },
  };
  const failed = await outcomeOf(uploaderTo(target).uploader.upload(source));
  assert.deepEqual(failed, { class: 'NetworkError', code: 'CONNECTION' });
  assert.equal(opened.length, 4 * 5);
});

test('a source that does not open is the end, and the session is cancelled', async () => {
  const target = new Target();
  const missing = new RegistryError('NOT_FOUND', 'gone', { method: 'GET', url: '', status: 404, codes: [] });
  const source = blob(content, {
    open: async function* () {
      yield* [];
      throw missing;
    },
  });
  await assert.rejects(uploaderTo(target).uploader.upload(source), missing);
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
      const source = { ...blob(bytes), descriptor: descriptorOf(content) };
      const failed = await outcomeOf(uploaderTo(target).uploader.upload(source));
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

test('after 413 later blobs go in chunks from the start', async () => {
  const target = new Target({ status: 413 });
  const { uploader } = uploaderTo(target);
  for (let n = 0; n < 2; n += 1) await uploader.upload(blob(nine));
  assert.equal(target.methods, 'POST PUT DELETE HEAD POST PATCH PATCH PUT POST PATCH PATCH PUT');
});

test('an aborted copy sends nothing more and does not retry', async () => {
  const stop = new AbortController();
  const reason = new NetworkError('CONNECTION', 'stopped');
  const target = new Target();
  const whole = blob(content);
  const source: BlobSource = {
    ...whole,
    open: async function* (offset) {
      for await (const piece of whole.open(offset)) {
        yield piece;
        stop.abort(reason);
      }
    },
  };
  await assert.rejects(uploaderTo(target, { signal: stop.signal }).uploader.upload(source), reason);
  assert.equal(target.methods, 'POST PUT DELETE');
});

const locations: readonly (readonly [location: string | undefined, outcome: 'stays' | 'refused'])[] = [
  ['/v2/acme/app/blobs/uploads/2', 'stays'],
  ['uploads/3?x=1', 'stays'],
  ['https://ghcr.io/elsewhere', 'stays'],
  ['https://ghcr.io:443/v2/', 'stays'],
  ['https://evil.example/v2/', 'refused'],
  ['https://ghcr.io:8443/v2/', 'refused'],
  ['http://ghcr.io/v2/', 'refused'],
  ['//evil.example/v2/', 'refused'],
  ['https://user:password@ghcr.io/v2/', 'refused'],
  ['https://ghcr.io.evil.example/', 'refused'],
  ['http://[', 'refused'],
  [undefined, 'refused'],
];

for (const [at, outcome] of locations) {
  test(`an upload with the location ${at ?? '(none)'} is ${outcome}`, async () => {
    const target = new Target();
    target.opened = { headers: at === undefined ? {} : { location: at } };
    const result = await outcomeOf(openUpload(clientOf(target), repository));
    const refused = { class: 'RegistryError', code: 'LOCATION' };
    if (outcome === 'refused') assert.deepEqual(result, refused);
    else assert.notDeepEqual(result, refused);
  });
}

const mounts: readonly (readonly [answer: HttpResponse, outcome: string])[] = [
  [answer(201), 'mounted'],
  [answer(202, { headers: { location } }), 'UploadSession'],
  ...[401, 403, 404, 405].map((status) => [answer(status), 'refused'] as const),
  [answer(200, { headers: { 'content-type': 'text/html' } }), 'refused'],
];

for (const [step, expected] of mounts) {
  test(`a mount that is answered with ${step.status}: ${expected}`, async () => {
    const registry = new MemoryRegistry();
    let query = '';
    registry.trouble((request) => {
      query = request.url.search;
      return { ...step, url: request.url };
    });
    const digest = digestOf(content);
    const result = await mountBlob(clientOf(registry), digest, repositoryOf('ghcr.io/acme/base'), repository);
    assert.equal(typeof result === 'string' ? result : result.constructor.name, expected);
    assert.equal(query, `?mount=${encodeURIComponent(digest)}&from=acme%2Fbase`);
  });
}
