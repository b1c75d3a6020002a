// The lower bound of this runtime: reads, hashes and writes every blob of an image as a stream, with the bundle's undici
// and without other code of the action. node hashing-pipe.mjs <from URL> <to URL> <name:tag>
import { createHash } from 'node:crypto';
import { Agent } from '../../.github/bundle/undici.js';

const [, , from, to, image = ''] = process.argv;
const [name, tag] = image.split(':');
/** The number of large blobs that the action copies to one target at the same time. */
const maxBlobs = 12;
const accept =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
// The action also streams over HTTP/1.1, with a connection for each stream.
const dispatcher = new Agent({ allowH2: false, connections: 32 });

async function send(origin, path, options) {
  const answer = await dispatcher.request({ origin, path, ...options });
  if (answer.statusCode >= 300) throw new Error(`${options.method} ${path} answered ${answer.statusCode}`);
  return answer;
}

async function copyBlob({ digest, size }) {
  const opened = await send(to, `/v2/${name}/blobs/uploads/`, { method: 'POST' });
  await opened.body.dump();
  const location = new URL(opened.headers.location, to);
  location.searchParams.set('digest', digest);
  const { body } = await send(from, `/v2/${name}/blobs/${digest}`, { method: 'GET' });
  const stored = await send(location.origin, location.pathname + location.search, {
    method: 'PUT',
    headers: { 'content-length': String(size), 'content-type': 'application/octet-stream' },
    body: hashed(body, digest),
  });
  await stored.body.dump();
}

async function* hashed(body, digest) {
  const hash = createHash('sha256');
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
  if (`sha256:${hash.digest('hex')}` !== digest) throw new Error(`${digest} has other bytes`);
}

async function inTurns(blobs) {
  const waiting = [...blobs];
  const worker = async () => {
    for (let blob = waiting.shift(); blob !== undefined; blob = waiting.shift()) await copyBlob(blob);
  };
  await Promise.all(Array.from({ length: maxBlobs }, worker));
}

const read = await send(from, `/v2/${name}/manifests/${tag}`, { method: 'GET', headers: { accept } });
const bytes = Buffer.from(await read.body.arrayBuffer());
const { config, layers } = JSON.parse(bytes.toString());
const unique = new Map([config, ...layers].map((blob) => [blob.digest, blob]));
await inTurns(unique.values());
const path = `/v2/${name}/manifests/${tag}`;
const written = await send(to, path, {
  ...{ method: 'PUT', body: bytes, headers: { 'content-type': read.headers['content-type'] } },
});
await written.body.dump();
process.exit(0);
