/** Entries that carry content or addresses of their own: a client never pulls what was not checked. */
import assert from 'node:assert/strict';
import { describe, makeImage, makeIndex } from '../../../support/images/images.ts';
import { entriesOf } from '../../evidence.ts';
import { rows } from '../../rows.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const data = base64(arm64.bytes);

rows({
  'embedded data that is the entry itself stays': {
    held: { 'app:built': makeIndex([{ content: arm64, fields: { data } }]), 'app:amd64': amd64 },
    check: (run) => assert.equal((entriesOf(run)[0] as { data?: string } | undefined)?.data, data),
  },
});

// A client may take `data` for the content, so it is checked. It may fetch the image from `urls`, where nothing of
// ours checks that it is there, so these are refused.
const flaws: Readonly<Record<string, { fields: Readonly<Record<string, unknown>>; says: RegExp }>> = {
  'data of another image': { fields: { data: base64(amd64.bytes) }, says: /\bdata\b/ },
  'data that is no base64': { fields: { data: '%%%' }, says: /\bdata\b/ },
  'addresses to fetch it from': { fields: { urls: ['https://evil.test/image'] }, says: /\burls\b/ },
};

for (const [name, { fields, says }] of Object.entries(flaws))
  rows({
    [`an entry with ${name} is refused`]: {
      held: { 'app:built': makeIndex([amd64, { content: arm64, fields }]) },
      fails: [says, new RegExp(arm64.digest), /\[INDEX_INCONSISTENT\]/],
    },
    [`a descriptor with ${name} is refused`]: {
      held: { app: arm64 },
      sources: JSON.stringify({ ...describe(arm64), ...fields }),
      fails: says,
    },
  });
