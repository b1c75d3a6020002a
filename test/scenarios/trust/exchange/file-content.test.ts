/** A source names a file that is something else, such as a key: no message says what is in it. */
import assert from 'node:assert/strict';
import { makeImage } from '../../../support/images/images.ts';
import { layoutOf } from '../../../support/rigs/layout-writer.ts';
import type { Files } from '../../../support/run/run-directory.ts';
import { secret } from '../../../support/run/secrets.ts';
import { type Check, rows } from '../../rows.ts';

/** Any run that shows it fails by the check of all runs for secrets; shortened forms are looked for here. */
const content = secret('hunter2-is-the-passphrase-of-production');
const marker = 'hunter2';
const digest = `sha256:${'0'.repeat(64)}`;

const notQuoted: Check = (run) => assert.ok(!`${run.stdout}${run.summary}`.includes(marker), run.stdout);

const metadata: Readonly<Record<string, string>> = {
  'no JSON': content,
  'JSON with a flaw': `{"containerimage.digest": ${content}}`,
  'a string': JSON.stringify(content),
  'another document': JSON.stringify({ password: content }),
  'a key that is the content': JSON.stringify({ [`${content}!`]: {} }),
  'a value twice': `{"${content}": 1, "${content}": 2}`,
  'a digest that is none': JSON.stringify({ 'containerimage.digest': content }),
  'a digest with an unknown algorithm': JSON.stringify({ 'containerimage.digest': `${marker}:${content}` }),
  'a name that is none': JSON.stringify({ 'containerimage.digest': digest, 'image.name': `${content}:/` }),
  'a descriptor that is none': JSON.stringify({ 'containerimage.descriptor': { digest: content } }),
};

for (const [name, text] of Object.entries(metadata))
  rows({
    [`build metadata that is ${name} is not quoted`]: {
      sources: 'metadata:build.json',
      options: { workspace: { 'build.json': text } },
      fails: /build\.json.*\[SOURCE_METADATA\]/s,
      check: notQuoted,
    },
  });

const digestFiles: Readonly<Record<string, Files>> = {
  'a file of something else': { 'digests/amd64': `${content}\n` },
  'a file that begins with a digest': { 'digests/amd64': `${digest}\n${content}\n` },
  'a file that looks like a digest': { 'digests/amd64': `sha256:${content}\n` },
};

for (const [name, workspace] of Object.entries(digestFiles))
  rows({
    [`${name} among digests is not quoted`]: {
      sources: 'digests:digests',
      options: { workspace },
      fails: /\[SOURCE_DIGESTS\]/,
      check: notQuoted,
    },
  });

const layout = await layoutOf([makeImage('linux/amd64')]);
const layoutFiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a marker': { 'oci-layout': content },
  'a version in the marker': { 'oci-layout': JSON.stringify({ imageLayoutVersion: content }) },
  'an index that is no JSON': { 'index.json': content },
  'an index with another media type': {
    'index.json': JSON.stringify({ schemaVersion: 2, mediaType: content, manifests: [] }),
  },
  'an entry that is text': { 'index.json': JSON.stringify({ schemaVersion: 2, manifests: [content] }) },
  "an entry's digest": {
    'index.json': JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: content, size: 1 }],
    }),
  },
  "an entry's platform": {
    'index.json': JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest,
          size: 1,
          platform: { os: `${content}!`, architecture: 'amd64' },
        },
      ],
    }),
  },
};

for (const [name, files] of Object.entries(layoutFiles)) {
  const written = Object.entries({ ...Object.fromEntries(layout), ...files });
  const workspace = Object.fromEntries(written.map(([path, bytes]) => [`build/${path}`, bytes]));
  rows({
    [`${name} of a layout is not quoted`]: {
      sources: 'oci:build',
      options: { workspace },
      fails: /oci:build/,
      check: notQuoted,
    },
  });
}

const drafts: Readonly<Record<string, unknown>> = {
  'no JSON': content,
  'a name that is none': { Ref: `${content}:/`, Descriptor: { digest } },
  'a digest that is none': { Ref: 'app:1', Descriptor: { digest: content } },
  'a platform that is none': {
    Ref: 'app:1',
    Descriptor: { digest, platform: { os: `${content}!`, architecture: 'x' } },
  },
};

for (const [name, draft] of Object.entries(drafts)) {
  const text = typeof draft === 'string' ? draft : JSON.stringify(draft);
  rows({
    [`a draft with ${name} is not quoted`]: {
      sources: 'docker-manifest:~/app:1',
      options: (host) => ({
        home: { [`.docker/manifests/${host.replace(':', '-')}_app-1/source`]: text },
      }),
      fails: /\[SOURCE_DRAFT\]/,
      check: notQuoted,
    },
  });
}
