/** os.version tells entries apart for Windows only; on Linux, os.features do behind a plain entry. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestPlatform } from '../../../support/images/images.ts';
import { entriesOf } from '../../evidence.ts';
import { rows } from '../../rows.ts';

const linux: TestPlatform = { os: 'linux', architecture: 'amd64' };
const plain = makeImage(linux);
const arm64 = makeImage('linux/arm64');
const second = makeImage({ ...linux, 'os.version': '6.1' }, { name: 'second' });

rows({
  'two images for Linux that differ in os.version are duplicates': {
    held: { 'app:plain': plain, 'app:second': second },
    fails: /lines 1 and 2.*linux\/amd64.*\[DUPLICATE_PLATFORM\]/s,
  },
  'entries for Linux that differ in os.version are duplicates beside another source': {
    held: { 'app:built': makeIndex([plain, second]), 'app:arm64': arm64 },
    fails: /linux\/amd64.*\[DUPLICATE_PLATFORM\]/s,
  },
});

const featured = makeImage({ ...linux, 'os.features': ['sse4'] }, { name: 'second' });
const versions = ['10.0.17763.6659', '10.0.20348.2966'].map((version) =>
  makeImage({ os: 'windows', architecture: 'amd64', 'os.version': version }),
);
const windows = makeIndex([...versions, plain]);

rows({
  'an entry with features that were not asked for is left out': {
    held: { 'app:built': makeIndex([plain, featured, arm64]) },
    inputs: { platforms: 'linux/amd64' },
    entries: [plain],
  },
  'an entry with features that were not asked for does not supply the platform': {
    held: { 'app:built': makeIndex([featured, arm64]) },
    inputs: { platforms: 'linux/amd64' },
    fails: /\[PLATFORM_MISSING\]/,
  },
  'Windows images of several versions are several entries': {
    held: { 'app:built': windows, 'app:arm64': arm64 },
    check: (run) => assert.equal(entriesOf(run).length, 4),
  },
  'windows/amd64 in platforms means all Windows versions': {
    held: { 'app:built': windows },
    inputs: { platforms: 'windows/amd64' },
    entries: versions,
  },
});
