/** Links in what a build left behind lead nowhere but into the same directory. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeImage } from '../../../support/images/images.ts';
import { blobFile, layoutOf, writeLayout } from '../../../support/rigs/layout-writer.ts';
import { temporaryDirectory } from '../../../support/rigs/temporary-directory.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, errorOf } from '../../evidence.ts';

const image = makeImage('linux/amd64');
const layout = await layoutOf([image]);
const [configDigest = ''] = image.blobs.keys();
const skip = process.platform === 'win32' ? 'links need rights there' : false;

/** Moves a file or directory to another place and leaves a link. */
function moved(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
  symlinkSync(to, from);
}

const outside: readonly string[] = [
  'oci-layout',
  'index.json',
  'blobs',
  'blobs/sha256',
  blobFile(image.digest),
];

for (const name of [...outside, blobFile(configDigest)]) {
  const what = name.length > 30 ? (name.includes(configDigest.slice(7)) ? 'config' : 'manifest') : name;
  scenario(`a layout whose ${what} is a link that leads outside is refused`, { skip }, async (t) => {
    const root = temporaryDirectory(t.test);
    await writeLayout(join(root, 'build'), layout);
    moved(join(root, 'build', name), join(root, 'elsewhere', 'kept'));
    const run = await t.publish({ tags: t.ref('app:1'), sources: `oci:${join(root, 'build')}` });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), /\blink\b.*\[SOURCE_LAYOUT\]/s);
  });
}

scenario('a layout whose blobs are links to others of its own files', { skip }, async (t) => {
  const root = temporaryDirectory(t.test);
  await writeLayout(join(root, 'build'), layout);
  const blob = join(root, 'build', blobFile(image.digest));
  moved(blob, join(root, 'build', 'store', 'manifest'));
  const run = await t.publish({ tags: t.ref('app:1'), sources: `oci:${join(root, 'build')}` });
  assert.equal(run.exitCode, 0, run.stdout);
});

scenario('a layout that is itself named by a link', { skip }, async (t) => {
  // The user named the link; what is under it must stay under what it leads to.
  const root = temporaryDirectory(t.test);
  await writeLayout(join(root, 'build'), layout);
  symlinkSync(join(root, 'build'), join(root, 'latest'));
  const run = await t.publish({ tags: t.ref('app:1'), sources: `oci:${join(root, 'latest')}` });
  assert.equal(run.exitCode, 0, run.stdout);
});

const built = JSON.stringify({ 'containerimage.digest': image.digest });

interface Linked {
  /** Files below the root, and a link with its target. */
  readonly files: Readonly<Record<string, string>>;
  readonly link: readonly [name: string, target: string];
  /** The source, with the root in the place of `~`. */
  readonly source: string;
  /** A part of the error; without it the source is taken. */
  readonly fails?: RegExp;
}

const linked: Readonly<Record<string, Linked>> = {
  'a metadata file that is a link which leads outside of its directory': {
    files: { 'secret.json': built },
    link: ['artifact/build.json', '../secret.json'],
    source: 'metadata:~/artifact/build.json',
    fails: /\blink\b.*\[SOURCE_FILE\]/s,
  },
  'a metadata file that is a link to its neighbour': {
    files: { 'artifact/build-1.json': built },
    link: ['artifact/build.json', 'build-1.json'],
    source: 'metadata:~/artifact/build.json',
  },
  'a file among digests that is a link which leads outside': {
    files: { 'elsewhere/amd64': image.digest },
    link: ['artifact/amd64', '../elsewhere/amd64'],
    source: 'digests:~/artifact',
    fails: /\blink\b/,
  },
  'a directory among digests that is a link which leads outside': {
    files: { 'elsewhere/amd64': image.digest },
    link: ['artifact/more', '../elsewhere'],
    source: 'digests:~/artifact',
    fails: /\blink\b/,
  },
  'an archive that is a link which leads outside of its directory': {
    files: { 'image.tar': 'not looked at' },
    link: ['artifact/image.tar', '../image.tar'],
    source: 'oci-archive:~/artifact/image.tar',
    fails: /\blink\b/,
  },
};

for (const [name, { files, link, source, fails }] of Object.entries(linked)) {
  scenario(`${name} is ${fails === undefined ? 'taken' : 'refused'}`, { skip }, async (t) => {
    const root = temporaryDirectory(t.test);
    await t.push('app', image);
    for (const directory of ['artifact', 'elsewhere']) mkdirSync(join(root, directory));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
    symlinkSync(link[1], join(root, link[0]));
    const run = await t.publish({ tags: t.ref('app:1'), sources: source.replace('~', root) });
    if (fails === undefined) return assert.equal(run.exitCode, 0, run.stdout);
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), fails);
  });
}
