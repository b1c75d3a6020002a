/** Build metadata that names a repository none of the tags is in. */
import { makeImage } from '../../../support/images/images.ts';
import { rows } from '../../rows.ts';

const image = makeImage('linux/amd64');

function build(...names: readonly string[]) {
  const name = names.length > 0 && { 'image.name': names.join(',') };
  const text = JSON.stringify({ 'containerimage.digest': image.digest, ...name });
  return (host: string) => ({ workspace: { 'build.json': text.replaceAll('~/', `${host}/`) } });
}

rows({
  // The file may be another build's, or tampered with: the image comes from where none of the tags is.
  'an image that was pushed to another repository is published with a warning': {
    held: { stranger: image },
    sources: 'metadata:build.json',
    options: build('~/stranger:1'),
    warnings: [/build\.json.*\/stranger/],
  },
  'an image that was pushed to the repository of a tag needs no warning': {
    held: { app: image },
    sources: 'metadata:build.json',
    options: build('~/stranger:1', '~/app:build-1'),
    warnings: [],
  },
  'metadata that names no repository means that of the tags': {
    held: { app: image },
    sources: 'metadata:build.json',
    options: build(),
    warnings: [],
  },
});
