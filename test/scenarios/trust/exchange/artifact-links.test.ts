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

scenario(
  'a metadata file that is a link which leads outside of its directory is refused',
  { skip },
  async (t) => {
    const root = temporaryDirectory(t.test);
    await t.push('app', image);
    mkdirSync(join(root, 'artifact'));
    writeFileSync(join(root, 'secret.json'), built);
    symlinkSync(join(root, 'secret.json'), join(root, 'artifact', 'build.json'));
    const sources = `metadata:${join(root, 'artifact', 'build.json')}`;
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), /\blink\b.*\[SOURCE_FILE\]/s);
  },
);

scenario('a metadata file that is a link to its neighbour', { skip }, async (t) => {
  const root = temporaryDirectory(t.test);
  await t.push('app', image);
  writeFileSync(join(root, 'build-1.json'), built);
  symlinkSync('build-1.json', join(root, 'build.json'));
  const run = await t.publish({ tags: t.ref('app:1'), sources: `metadata:${join(root, 'build.json')}` });
  assert.equal(run.exitCode, 0, run.stdout);
});

for (const [what, link] of [
  ['file', 'amd64'],
  ['directory', 'more'],
] as const) {
  scenario(`a ${what} among digests that is a link which leads outside is refused`, { skip }, async (t) => {
    const root = temporaryDirectory(t.test);
    await t.push('app', image);
    mkdirSync(join(root, 'digests'));
    mkdirSync(join(root, 'elsewhere'));
    writeFileSync(join(root, 'elsewhere', 'amd64'), image.digest);
    const target = what === 'file' ? join(root, 'elsewhere', 'amd64') : join(root, 'elsewhere');
    symlinkSync(target, join(root, 'digests', link));
    const run = await t.publish({ tags: t.ref('app:1'), sources: `digests:${join(root, 'digests')}` });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), /\blink\b/);
  });
}

scenario('an archive that is a link which leads outside of its directory is refused', { skip }, async (t) => {
  const root = temporaryDirectory(t.test);
  mkdirSync(join(root, 'artifact'));
  writeFileSync(join(root, 'image.tar'), 'not looked at');
  symlinkSync(join(root, 'image.tar'), join(root, 'artifact', 'image.tar'));
  const sources = `oci-archive:${join(root, 'artifact', 'image.tar')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  await assertNothingDone(t, run, ['app:1']);
  assert.match(errorOf(run).join('\n'), /\blink\b/);
});
