/** Platforms as clients look for them: variants, slips, and those that nobody asks for. */
import assert from 'node:assert/strict';
import { makeImage, makeIndex, type TestPlatform } from '../../support/images/images.ts';
import { scenario } from '../../support/run/scenario.ts';
import { errorOf } from '../evidence.ts';
import { type Check, rows } from '../rows.ts';

const arm = makeImage('linux/arm', { configPlatform: { os: 'linux', architecture: 'arm' } });
const arm64 = makeImage('linux/arm64');
const wrong = makeImage('linux/amd64', {
  configPlatform: { os: 'linux', architecture: 'amd64', variant: 'v8' },
});
const windows = (version: string) =>
  makeImage({ os: 'windows', architecture: 'amd64', 'os.version': version }, { name: version });
const erofsPlatform: TestPlatform = { os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] };
const erofs = makeImage(erofsPlatform, { name: 'erofs' });
const amd64 = makeImage('linux/amd64');

/** Checks the platforms of the entries. */
const lists =
  (...platforms: readonly object[]): Check =>
  ({ outputs }) => {
    const { manifests } = JSON.parse(outputs['json'] ?? '') as { manifests: { platform: object }[] };
    assert.deepEqual(
      manifests.map(({ platform }) => platform),
      platforms,
    );
  };

const linux = (architecture: string, variant?: string) => ({
  ...{ architecture, os: 'linux' },
  ...(variant === undefined ? {} : { variant }),
});
const builds = { 'app:ltsc2019': windows('10.0.17763.1'), 'app:ltsc2022': windows('10.0.20348.2113') };

rows({
  'a variant on a line is written as clients ask for it': {
    held: { 'app:arm': arm },
    sources: '~/app:arm linux/arm/7',
    check: lists(linux('arm', 'v7')),
  },
  'so is that of a template, which keeps the spelling of platforms': {
    held: { 'app:arm-7': arm, 'app:arm64-8': arm64 },
    sources: '~/app:{arch}-{variant}',
    inputs: { platforms: 'linux/arm/7, linux/arm64/8' },
    check: lists(linux('arm', 'v7'), linux('arm64', 'v8')),
  },
  'a key is enough': {
    held: { 'app:arm': arm },
    sources: '~/app:arm variant=v7l',
    check: lists(linux('arm', 'v7')),
  },
  'arm64/v8 stays as it is written': {
    held: { 'app:arm64': arm64 },
    sources: '~/app:arm64 linux/arm64/v8',
    check: lists(linux('arm64', 'v8')),
  },
  'a known slip is refused with the right spelling': {
    held: { 'app:arm64': arm64 },
    sources: '~/app:arm64 linux/arm64v8',
    inputs: { platforms: 'linux/armv7, arm64/linux' },
    fails: [
      /sources line 1: platform "linux\/arm64v8" .*\(expected: linux\/arm64\)/,
      /platforms line 1: platform "linux\/armv7" .*\(expected: linux\/arm\/v7\)/,
      /platform "arm64\/linux" .*\(expected: linux\/arm64\)/,
    ],
  },
  'also as a key': {
    held: { 'app:arm64': arm64 },
    sources: '~/app:arm64 arch=armv7',
    fails: /arch="armv7" .*\(expected: arch=arm variant=v7\)/,
  },
  'a variant that no client asks for is a warning': {
    held: { 'app:amd64': wrong },
    check: lists(linux('amd64', 'v8')),
    warnings: [
      /Nobody pulls linux\/amd64\/v8 \(.*app:amd64\): no client .* If linux\/amd64 is meant, write `linux\/amd64` behind the source and set `platform-mismatch: warn`/,
    ],
  },
  'the platform of the line contradicts it': {
    held: { 'app:amd64': wrong },
    sources: '~/app:amd64 linux/amd64',
    fails: /is declared linux\/amd64, but its config says linux\/amd64\/v8 \(variant\)/,
  },
  'with platform-mismatch: warn the line clears it': {
    held: { 'app:amd64': wrong },
    sources: '~/app:amd64 linux/amd64',
    inputs: { 'platform-mismatch': 'warn' },
    check: lists(linux('amd64')),
    warnings: [/says linux\/amd64\/v8 \(variant\)\. Published as declared/],
  },
  'so does a list that was corrected before, without a word': {
    held: { 'app:list': makeIndex([{ content: wrong, platform: linux('amd64') }]) },
    inputs: { platforms: 'linux/amd64' },
    check: lists(linux('amd64')),
    warnings: [],
  },
  'an architecture that no client asks for is a warning': {
    held: { 'app:sparc': makeImage('linux/sparc64') },
    warnings: [/Nobody pulls linux\/sparc64 \(.*platform\.$/],
  },
  'an architecture that is a known slip is a warning with the right one': {
    held: { 'app:arm64v8': makeImage('linux/arm64v8') },
    warnings: [/Nobody pulls linux\/arm64v8 .* write `linux\/arm64` behind the source/],
  },
  'which clears it': {
    held: { 'app:arm64v8': makeImage('linux/arm64v8') },
    sources: '~/app:arm64v8 linux/arm64',
    inputs: { 'platform-mismatch': 'warn' },
    check: lists(linux('arm64')),
    warnings: [/says linux\/arm64v8 .*Published as declared/],
  },
  'two builds of one platform whose tags have the names of two': {
    held: { 'app:1-amd64': amd64, 'app:1-arm64': makeImage('linux/amd64', { name: 'arm64' }) },
    fails:
      /both supply linux\/amd64.*The config of \S+\/app:1-arm64 says amd64: build it with `--platform linux\/arm64`, or, if its binaries are for arm64, write `linux\/arm64` behind it and set `platform-mismatch: warn`/s,
  },
  'which is the right remedy': {
    held: { 'app:1-amd64': amd64, 'app:1-arm64': makeImage('linux/amd64', { name: 'arm64' }) },
    sources: '~/app:1-amd64\n~/app:1-arm64 linux/arm64',
    inputs: { 'platform-mismatch': 'warn' },
    check: lists(linux('amd64'), linux('arm64')),
    warnings: [/Published as declared/],
  },
  'two builds of one platform whose tags name no other': {
    held: { 'app:1-amd64': amd64, 'app:2-amd64': makeImage('linux/amd64', { name: '2' }) },
    fails: /both supply linux\/amd64[^\n]*\nKeep one of them/,
  },
  'Windows builds as containerd writes them': {
    held: { 'app:list': makeIndex([windows('10.0.17763.1'), windows('10.0.20348.2113')]) },
    inputs: { platforms: 'windows(10.0.20348)/amd64' },
    entries: [windows('10.0.20348.2113')],
  },
  'a Windows build that no source supplies': {
    held: { 'app:list': makeIndex([windows('10.0.17763.1')]) },
    inputs: { platforms: 'windows(10.0.26100)/amd64' },
    fails: /No source supplies windows\(10\.0\.26100\)\/amd64; .* windows\/amd64 \(10\.0\.17763\.1\)/,
  },
  'a Windows build on a line agrees with its revision in the config, which is kept': {
    held: builds,
    sources: '~/app:ltsc2019 windows(10.0.17763)/amd64\n~/app:ltsc2022 windows(10.0.20348)/amd64',
    entries: [windows('10.0.17763.1'), windows('10.0.20348.2113')],
    check: lists(
      { architecture: 'amd64', os: 'windows', 'os.version': '10.0.17763.1' },
      { architecture: 'amd64', os: 'windows', 'os.version': '10.0.20348.2113' },
    ),
  },
  'another Windows build on a line': {
    held: builds,
    sources: '~/app:ltsc2019 windows(10.0.20348)/amd64',
    fails: /PLATFORM_MISMATCH/,
  },
  'os.features as containerd writes them': {
    held: { 'app:amd64': amd64, 'app:bare': makeImage('linux/amd64', { name: 'bare' }) },
    sources: '~/app:amd64\n~/app:bare linux(+erofs)/amd64',
    inputs: { platforms: 'linux/amd64, linux(+erofs)/amd64' },
    check: lists(linux('amd64'), { architecture: 'amd64', os: 'linux', 'os.features': ['erofs'] }),
  },
  'a Linux list with a plain and an erofs image is a source like any other': {
    held: { 'app:list': makeIndex([amd64, erofs]), 'app:arm64': arm64 },
    entries: [amd64, erofs, arm64],
  },
  'the erofs image in front of the plain one': {
    held: { 'app:list': makeIndex([erofs, amd64]), 'app:arm64': arm64 },
    fails: /List the image without os\.features first/,
  },
});

scenario('inspect expects Windows builds and features', {}, async (t) => {
  await t.push('app:1', makeIndex([amd64, erofs, windows('10.0.20348.2113')]));
  const image = t.ref('app:1');
  const met = { image, 'expect-platforms': 'windows(10.0.20348)/amd64, linux(+erofs)/amd64' };
  assert.equal((await t.inspect(met)).exitCode, 0);
  const missed = await t.inspect({ image, 'expect-platforms': 'windows(10.0.26100)/amd64' });
  assert.match(errorOf(missed).join(), /windows\(10\.0\.26100\)\/amd64 is missing/);
});
