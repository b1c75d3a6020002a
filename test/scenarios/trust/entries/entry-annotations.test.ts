/** The entries that an annotation reaches: without a platform every entry, attestations too, as imagetools has it. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { entriesOf } from '../../evidence.ts';
import { type Check, rows } from '../../rows.ts';

const held = {
  'app:built': makeIndex([makeImage('linux/amd64'), makeImage('linux/arm64')], { attestations: true }),
};

/** The note of each entry: two images, then their attestations. */
function notes(...expected: readonly (string | undefined)[]): Check {
  return (run) =>
    assert.deepEqual(
      entriesOf(run).map(({ annotations }) => annotations?.['org.example.note']),
      expected,
    );
}

rows({
  'an annotation for every entry reaches the attestations': {
    held,
    inputs: { annotations: 'manifest-descriptor:org.example.note=x' },
    check: notes('x', 'x', 'x', 'x'),
  },
  'an annotation for one platform reaches that image alone': {
    held,
    inputs: { annotations: 'manifest-descriptor[linux/arm64]:org.example.note=x' },
    check: notes(undefined, 'x', undefined, undefined),
  },
  'an annotation on a source line reaches the images of a list, not their attestations': {
    held,
    sources: '~/app:built annotation.org.example.note=x',
    check: notes('x', 'x', undefined, undefined),
  },
  'an annotation for every entry makes no attestation of an image': {
    held,
    inputs: { annotations: 'manifest-descriptor:vnd.docker.reference.type=attestation-manifest' },
    outputs: { platforms: 'linux/amd64,linux/arm64' },
  },
});
