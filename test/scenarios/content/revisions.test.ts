/** Images whose labels say that they were built from different revisions. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { warningsOf } from '../evidence.ts';
import { type Row, rows } from '../rows.ts';

const amd64 = makeImage('linux/amd64', { labels: { revision: 'aaa', version: '1.0' } });
const arm64 = makeImage('linux/arm64', { labels: { revision: 'bbb', version: '1.0' } });
const plain = makeImage('linux/s390x');
const differ =
  /^The images have different labels org\.opencontainers\.image\.revision: "aaa" \(linux\/amd64 \S+\/app:amd64\), "bbb" \(linux\/arm64 \S+\/app:arm64\)/;
const held = { 'app:amd64': amd64, 'app:arm64': arm64, 'app:s390x': plain };
const refused: Partial<Row> = { fails: [differ, /\[REVISION_MISMATCH\]/, /`revision-mismatch: allow`/] };

rows({
  'images of two revisions are published with a warning': {
    held,
    warnings: [new RegExp(`${differ.source}\\. If that is intended, set revision-mismatch to "allow"\\.$`)],
  },
  'images of two revisions are refused if asked for': {
    held,
    inputs: { 'revision-mismatch': 'error' },
    ...refused,
  },
  'a dry run refuses them, too': {
    held,
    inputs: { 'revision-mismatch': 'error', push: 'false' },
    ...refused,
  },
  'a spec has its own value': {
    held,
    sources: '',
    inputs: {
      tags: '',
      spec: 'tags: ~/app:1\nrevision-mismatch: error\nsources: [~/app:amd64, ~/app:arm64]',
    },
    ...refused,
  },
  'images of two revisions are published as intended': {
    held,
    inputs: { 'revision-mismatch': 'allow' },
    warnings: [],
  },
  'an image that is left out is not compared': {
    held: { 'app:both': makeIndex([amd64, arm64]) },
    inputs: { platforms: 'linux/amd64', 'revision-mismatch': 'error' },
    entries: [amd64],
    warnings: [],
  },
  'versions count where no image has a revision, without the platform behind them': {
    held: {
      'app:amd64': makeImage('linux/amd64', { labels: { version: '1.2.3-amd64' } }),
      'app:arm64': makeImage('linux/arm64', { labels: { version: '1.2.3-linux-arm64' } }),
    },
    warnings: [],
  },
  'different versions': {
    held: {
      'app:amd64': makeImage('linux/amd64', { labels: { version: '1.2.3-amd64' } }),
      'app:arm64': makeImage('linux/arm64', { labels: { version: '1.2.4-arm64' } }),
    },
    warnings: [/image\.version: "1\.2\.3" \(linux\/amd64 \S+\), "1\.2\.4" \(linux\/arm64 \S+\)/],
  },
  'a label does not write to the log': {
    held: {
      'app:amd64': makeImage('linux/amd64', { labels: { revision: 'a\r\n::error::\u001b[31m\u202e' } }),
      'app:arm64': makeImage('linux/arm64', { labels: { revision: 'x'.repeat(100_000) } }),
    },
    warnings: [
      /^The images have different labels .*: "a\\r\\n::error::\\u001b\[31m\\u202e" \(linux\/amd64 \S+\), "x{60,80}…"/,
    ],
  },
});

scenario('the image that an amended tag keeps is compared with the new ones', {}, async (t) => {
  await t.push('app:1', amd64);
  await t.push('app:arm64', arm64);
  const inputs = { tags: t.ref('app:1'), sources: t.ref('app:arm64'), amend: 'true' };
  const refused = await t.publish({ ...inputs, 'revision-mismatch': 'error' });
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stdout, /"aaa" \(linux\/amd64 \S+\/app:1\), "bbb" \(linux\/arm64 \S+\/app:arm64\)/);
  assert.equal((await t.served('app:1'))?.digest, amd64.digest);
  const warned = await t.publish(inputs);
  assert.equal(warned.exitCode, 0);
  assert.equal(warningsOf(warned).filter((text) => text.includes('"aaa"')).length, 1);
});
