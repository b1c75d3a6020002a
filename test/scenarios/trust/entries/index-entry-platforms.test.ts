/** The platform of an entry inside a list is compared with its image's config, as a single image's is. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../../support/images/images.ts';
import { holdRequest } from '../../../support/wire/test-clock.ts';
import { entriesOf } from '../../evidence.ts';
import { rows } from '../../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const armv7 = { os: 'linux', architecture: 'arm', variant: 'v7' };
const respelled = makeIndex([
  amd64,
  { content: arm64, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
]);
const silent = makeIndex([amd64, makeImage('linux/riscv64', { configPlatform: null })]);
const mislabelled = {
  content: makeImage('linux/amd64', { name: 'other' }),
  platform: arm64.platform ?? null,
};
const mismatch = /sources line 1: .*linux\/arm64.*linux\/amd64.*\[PLATFORM_MISMATCH\]/s;

rows({
  'an entry of a list beside another source contradicts its config': {
    held: { 'app:built': makeIndex([mislabelled]), 'app:amd64': amd64 },
    fails: mismatch,
  },
  // Also a list that would be tagged as it is: users of that platform would pull the wrong image.
  'an entry of a sole list contradicts its config': {
    held: { 'app:built': makeIndex([amd64, mislabelled]) },
    fails: mismatch,
  },
  'an entry of a list inside a list contradicts its config': {
    held: { 'app:built': makeIndex([amd64, { content: makeIndex([mislabelled]), platform: null }]) },
    fails: mismatch,
  },
  'the variant of an entry contradicts its config': {
    held: { 'app:built': makeIndex([{ content: makeImage('linux/arm/v6'), platform: armv7 }]) },
    fails: /linux\/arm\/v7.*linux\/arm\/v6.*\[PLATFORM_MISMATCH\]/s,
  },
  'an entry in another spelling of the same platform keeps its bytes': {
    held: { 'app:built': respelled },
    outputs: { digest: respelled.digest },
  },
  'an entry that names what its config leaves out contradicts nothing': {
    held: {
      'app:built': makeIndex([{ content: makeImage('linux/arm'), platform: armv7 }]),
      'app:amd64': amd64,
    },
    check: (run) => assert.deepEqual(entriesOf(run)[0]?.platform, armv7),
  },
  'an entry whose config names no platform keeps its own': {
    held: { 'app:built': silent },
    outputs: { digest: silent.digest },
  },
  'the configs of a list are read at the same time, each once': {
    held: { 'app:built': makeIndex([amd64, arm64]), 'app:ppc64le': makeImage('linux/ppc64le') },
    fault: { fault: 'before', call: together(3), on: { path: /\/blobs\//, times: 3 } },
    check: (_, t) => assert.equal(t.registry.wire.filter(({ path }) => path.includes('/blobs/')).length, 3),
  },
});

/** Holds requests until so many have come: a client that sends one after the other gets no answer. */
function together(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return () => {
    come += 1;
    if (come === count) resolve();
    return holdRequest(promise);
  };
}
