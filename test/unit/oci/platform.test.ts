import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FormatError } from '../../../src/oci/format-error.ts';
import {
  agreePlatform,
  attestationPlatform,
  describePlatform,
  formatPlatform,
  isAskedPlatform,
  matchesPlatform,
  normalizePlatform,
  type Platform,
  parsePlatform,
  platformKey,
  platformSlug,
  samePlatform,
} from '../../../src/oci/platform.ts';
import { askedVariant } from '../../../src/oci/platform-names.ts';

const windows = (version?: string, features?: readonly string[]): Platform => ({
  architecture: 'amd64',
  os: 'windows',
  ...(version === undefined ? {} : { 'os.version': version }),
  ...(features === undefined ? {} : { 'os.features': features }),
});

describe('platforms that are legal', () => {
  const table = [
    { in: 'linux/amd64', out: { os: 'linux', architecture: 'amd64' } },
    { in: 'linux/arm/v7', out: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    { in: ' Linux/ARM64/V8 ', out: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { in: 'linux/x86_64', out: { os: 'linux', architecture: 'x86_64' } },
    { in: 'macos/aarch64', out: { os: 'macos', architecture: 'aarch64' } },
    { in: 'linux/arm64/v8.2', out: { os: 'linux', architecture: 'arm64', variant: 'v8.2' } },
    { in: 'windows/arm64', out: { os: 'windows', architecture: 'arm64' } },
    { in: 'linux/loong64', out: { os: 'linux', architecture: 'loong64' } },
    { in: 'wasip1/wasm', out: { os: 'wasip1', architecture: 'wasm' } },
    { in: 'unknown/unknown', out: attestationPlatform },
    {
      in: 'windows(10.0.20348)/amd64',
      out: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348' },
    },
    { in: 'linux(+erofs)/amd64', out: { os: 'linux', architecture: 'amd64', 'os.features': ['erofs'] } },
    {
      in: 'windows(10.0.17763.1+win32k+x)/arm64/v8',
      out: {
        ...{ os: 'windows', architecture: 'arm64', variant: 'v8' },
        ...{ 'os.version': '10.0.17763.1', 'os.features': ['win32k', 'x'] },
      },
    },
  ];
  for (const row of table) it(row.in, () => assert.deepEqual(parsePlatform(row.in), row.out));
});

describe('platforms that are refused', () => {
  const table = [
    { name: 'nothing', in: '', out: /"" has no "\/"/ },
    { name: 'only an architecture', in: 'arm64', out: /"arm64" has no "\/"/ },
    { name: 'four parts', in: 'linux/arm/v7/x', out: /has 4 parts/ },
    { name: 'no os', in: '/amd64', out: /empty part/ },
    { name: 'no architecture', in: 'linux/', out: /empty part/ },
    { name: 'a slash at the end', in: 'linux/amd64/', out: /empty part/ },
    { name: 'a space inside', in: 'linux/ amd64', out: /cannot have " amd64"/ },
    { name: 'a list', in: 'linux/amd64,linux/arm64', out: /cannot have "amd64,linux"/ },
    { name: 'a version without an end', in: 'windows(10.0/amd64', out: /cannot have/ },
    { name: 'a version behind the architecture', in: 'windows/amd64(10.0)', out: /cannot have/ },
    { name: 'the Kelvin sign', in: 'linux/\u212a', out: /cannot have/ },
    { name: 'a megabyte', in: `linux/${'a'.repeat(1_000_000)}`, out: /too long/ },
  ];
  for (const row of table)
    it(row.name, () =>
      assert.throws(
        () => parsePlatform(row.in),
        (error) => error instanceof FormatError && row.out.test(error.message) && error.message.length < 300,
      ),
    );
});

describe('known slips are refused with the right spelling', () => {
  const table = {
    'linux/armv7': 'linux/arm/v7',
    'linux/armv7l': 'linux/arm/v7',
    'linux/arm32v6': 'linux/arm/v6',
    'linux/armv6hf': 'linux/arm/v6',
    'linux/arm32': 'linux/arm/v7',
    'linux/arm64v8': 'linux/arm64',
    'linux/armv8': 'linux/arm64',
    'linux/x64': 'linux/amd64',
    'linux/amd64v3': 'linux/amd64/v3',
    'linux/x86': 'linux/386',
    'linux/i686': 'linux/386',
    'linux/ppc64el': 'linux/ppc64le',
    'linux/riscv': 'linux/riscv64',
    'win/amd64': 'windows/amd64',
    'osx/arm64': 'darwin/arm64',
    'arm64/linux': 'linux/arm64',
    'arm64/linux/v8': 'linux/arm64/v8',
    arm64: 'linux/arm64',
    armv7: 'linux/arm/v7',
    'linux-amd64': 'linux/amd64',
    'linux-x86_64': 'linux/amd64',
    aarch64: 'linux/arm64',
    'linux-arm-v7': 'linux/arm/v7',
    'windows-amd64': 'windows/amd64',
  };
  for (const [slip, right] of Object.entries(table))
    it(slip, () =>
      assert.throws(
        () => parsePlatform(slip),
        (error) => error instanceof FormatError && error.expected === right,
      ),
    );
});

describe('variants as clients ask for them', () => {
  const table = {
    'linux/arm/7': 'linux/arm/v7',
    'linux/arm/armv7': 'linux/arm/v7',
    'linux/arm/v7l': 'linux/arm/v7',
    'linux/arm/6': 'linux/arm/v6',
    'linux/arm64/8': 'linux/arm64/v8',
    'linux/arm64/v8.0': 'linux/arm64/v8',
    'linux/arm64/armv8': 'linux/arm64/v8',
    'linux/arm64/v8': 'linux/arm64/v8',
    'linux/arm64/v8.2': 'linux/arm64/v8.2',
    'linux/amd64/v8': 'linux/amd64/v8',
  };
  for (const [written, asked] of Object.entries(table))
    it(written, () => {
      const { variant = '', ...platform } = parsePlatform(written);
      const named = { ...platform, variant: askedVariant(platform.architecture, variant) };
      assert.equal(formatPlatform(named), asked);
    });
});

describe('platforms that no client asks for', () => {
  for (const asked of ['linux/amd64/v3', 'linux/arm/7', 'linux/arm64/v9.2', 'linux/x86_64', 'wasip1/wasm'])
    it(`not ${asked}`, () => assert(isAskedPlatform(parsePlatform(asked))));
  for (const other of ['linux/amd64/v8', 'linux/arm/v9', 'linux/s390x/z13', 'linux/sparc64'])
    it(other, () => assert(!isAskedPlatform(parsePlatform(other))));
});

describe('normalising', () => {
  const table = [
    { in: 'linux/amd64', out: 'linux/amd64' },
    { in: 'linux/i386', out: 'linux/386' },
    { in: 'linux/386', out: 'linux/386' },
    { in: 'linux/x86_64', out: 'linux/amd64' },
    { in: 'linux/x86-64', out: 'linux/amd64' },
    { in: 'linux/amd64/v1', out: 'linux/amd64' },
    { in: 'linux/x86_64/v1', out: 'linux/amd64' },
    { in: 'linux/amd64/v2', out: 'linux/amd64/v2' },
    { in: 'linux/amd64/v3', out: 'linux/amd64/v3' },
    { in: 'linux/aarch64', out: 'linux/arm64' },
    { in: 'linux/arm64', out: 'linux/arm64' },
    { in: 'linux/arm64/8', out: 'linux/arm64' },
    { in: 'linux/arm64/v8', out: 'linux/arm64' },
    { in: 'linux/aarch64/v8', out: 'linux/arm64' },
    { in: 'linux/arm64/v8.0', out: 'linux/arm64' },
    { in: 'linux/arm64/v8.1', out: 'linux/arm64/v8.1' },
    { in: 'linux/arm64/9', out: 'linux/arm64/v9' },
    { in: 'linux/arm64/9.0', out: 'linux/arm64/v9' },
    { in: 'linux/arm64/v9', out: 'linux/arm64/v9' },
    { in: 'linux/arm64/v9.0', out: 'linux/arm64/v9' },
    { in: 'linux/arm64/v9.2', out: 'linux/arm64/v9.2' },
    { in: 'linux/arm', out: 'linux/arm/v7' },
    { in: 'linux/arm/5', out: 'linux/arm/v5' },
    { in: 'linux/arm/6', out: 'linux/arm/v6' },
    { in: 'linux/arm/7', out: 'linux/arm/v7' },
    { in: 'linux/arm/8', out: 'linux/arm/v8' },
    { in: 'linux/arm/v5', out: 'linux/arm/v5' },
    { in: 'linux/arm/v6', out: 'linux/arm/v6' },
    { in: 'linux/arm/v7', out: 'linux/arm/v7' },
    { in: 'linux/arm/v8', out: 'linux/arm/v8' },
    { in: 'linux/armhf', out: 'linux/arm/v7' },
    { in: 'linux/armel', out: 'linux/arm/v6' },
    { in: 'macos/arm64', out: 'darwin/arm64' },
    { in: 'darwin/amd64', out: 'darwin/amd64' },
    { in: 'windows/amd64', out: 'windows/amd64' },
    { in: 'linux/ppc64le', out: 'linux/ppc64le' },
    { in: 'linux/s390x', out: 'linux/s390x' },
    { in: 'linux/riscv64', out: 'linux/riscv64' },
    { in: 'linux/mips64le/hardfloat', out: 'linux/mips64le/hardfloat' },
    { in: 'unknown/unknown', out: 'unknown/unknown' },
  ];
  for (const row of table)
    it(`${row.in} is ${row.out}`, () =>
      assert.equal(formatPlatform(normalizePlatform(parsePlatform(row.in))), row.out));

  it('lowers the case of a platform in an image config', () =>
    assert.deepEqual(normalizePlatform({ os: 'Linux', architecture: 'ARM', variant: 'V6' }), {
      os: 'linux',
      architecture: 'arm',
      variant: 'v6',
    }));
  it('sorts os.features by bytes and drops repetitions', () =>
    assert.deepEqual(normalizePlatform(windows('1', ['b', '\u{1f600}', '\uffff', 'a', 'b']))['os.features'], [
      'a',
      'b',
      '\uffff',
      '\u{1f600}',
    ]));
  it('leaves out empty fields', () =>
    assert.deepEqual(normalizePlatform({ ...windows('', []), variant: '' }), windows()));
});

describe('the same platform', () => {
  const table = [
    { a: parsePlatform('linux/arm64'), b: parsePlatform('linux/arm64/v8'), out: true },
    { a: parsePlatform('linux/arm'), b: parsePlatform('linux/armhf'), out: true },
    { a: parsePlatform('linux/arm/v6'), b: parsePlatform('linux/arm/v7'), out: false },
    { a: parsePlatform('linux/amd64'), b: parsePlatform('linux/amd64/v2'), out: false },
    { a: parsePlatform('linux/amd64'), b: parsePlatform('windows/amd64'), out: false },
    { a: windows('10.0.20348.1'), b: windows('10.0.17763.1'), out: false },
    { a: windows('10.0.20348.1'), b: windows(), out: false },
    { a: windows('1', ['a', 'b']), b: windows('1', ['b', 'a', 'a']), out: true },
    { a: windows('1', ['a']), b: windows('1'), out: false },
    { a: windows('1', ['a,b']), b: windows('1', ['a', 'b']), out: false },
  ];
  for (const { a, b, out } of table)
    it(`${describePlatform(a)} and ${describePlatform(b)}: ${out}`, () => {
      assert.equal(samePlatform(a, b), out);
      assert.equal(samePlatform(b, a), out);
      assert.equal(platformKey(a) === platformKey(b), out);
    });

  it('is one that differs in os.version or os.features, where an index has room for one only', () => {
    const linux = parsePlatform('linux/amd64');
    for (const other of [
      { ...linux, 'os.version': '6.1' },
      { ...linux, 'os.features': ['sse4'] },
    ]) {
      assert.equal(samePlatform(linux, other), false);
      assert.equal(platformKey(linux), platformKey(other));
    }
  });
});

describe('the platforms filter', () => {
  const linux = parsePlatform('linux/amd64');
  const table = [
    { wanted: parsePlatform('linux/arm64'), entry: parsePlatform('linux/arm64/v8'), out: true },
    { wanted: parsePlatform('linux/arm/v7'), entry: parsePlatform('linux/arm'), out: true },
    { wanted: parsePlatform('linux/arm/v6'), entry: parsePlatform('linux/arm'), out: false },
    { wanted: parsePlatform('linux/amd64'), entry: parsePlatform('linux/amd64/v3'), out: false },
    { wanted: windows(), entry: windows('10.0.20348.1', ['win32k']), out: true },
    { wanted: windows('10.0.20348.1'), entry: windows('10.0.20348.1', ['win32k']), out: true },
    { wanted: windows('10.0.20348.1'), entry: windows('10.0.17763.1'), out: false },
    { wanted: windows('10.0.20348.1'), entry: windows(), out: false },
    { wanted: windows(undefined, ['win32k']), entry: windows(undefined, ['win32k']), out: true },
    { wanted: windows(undefined, ['win32k']), entry: windows(), out: false },
    { wanted: linux, entry: { ...linux, 'os.version': '6.1' }, out: true },
    { wanted: linux, entry: { ...linux, 'os.features': ['sse4'] }, out: false },
  ];
  for (const { wanted, entry, out } of table)
    it(`${describePlatform(wanted)} takes ${describePlatform(entry)}: ${out}`, () =>
      assert.equal(matchesPlatform(wanted, entry), out));
});

describe('a declared platform and the real one', () => {
  const of = parsePlatform;
  type Row = readonly [
    name: string,
    declared: Partial<Platform>,
    real: Platform,
    out: Platform | readonly string[],
    normalized?: Platform | undefined,
  ];
  const windows1 = windows('1');
  const arm = (variant: string) => of(`linux/arm/${variant}`);
  const table: readonly Row[] = [
    ['nothing declared', {}, of('linux/amd64'), of('linux/amd64')],
    ['the same', of('linux/amd64'), of('linux/amd64'), of('linux/amd64')],
    ['an alias', of('linux/x86_64'), of('linux/amd64'), of('linux/amd64')],
    ['an alias of the os', { os: 'macos' }, of('darwin/arm64'), of('darwin/arm64')],
    ['another architecture', of('linux/arm64'), of('linux/amd64'), ['architecture']],
    ['another os', { os: 'windows' }, of('linux/amd64'), ['os']],
    ['both', of('windows/arm64'), of('linux/amd64'), ['os', 'architecture']],
    ['a variant that the config omits', arm('v6'), of('linux/arm'), arm('v6')],
    ['another variant', arm('v6'), arm('v7'), ['variant']],
    ['only another variant', { variant: 'v6' }, arm('v7'), ['variant']],
    ['the variant in short', { variant: '7' }, arm('v7'), arm('7')],
    ['v8 of an arm64 that omits it', of('linux/arm64/v8'), of('linux/arm64'), of('linux/arm64/v8')],
    [
      'no variant where the config has the default',
      of('linux/arm64'),
      of('linux/arm64/v8'),
      of('linux/arm64/v8'),
      of('linux/arm64'),
    ],
    ['no variant where the config has one', of('linux/arm'), arm('v6'), arm('v6')],
    ['no variant anywhere', of('linux/arm'), of('linux/arm'), of('linux/arm'), arm('v7')],
    ['armel for arm', of('linux/armel'), of('linux/arm'), arm('v6')],
    ['armhf for arm/v7', of('linux/armhf'), arm('v7'), arm('v7')],
    ['armhf for arm/v6', of('linux/armhf'), arm('v6'), ['variant']],
    ['arm/v6 for armhf', arm('v6'), of('linux/armhf'), ['variant']],
    ['an os.version that the config omits', windows1, windows(), windows1],
    ['another os.version', windows1, windows('2'), ['os.version']],
    ['os.features that the config omits', windows('1', ['x']), windows1, windows('1', ['x'])],
    ['the same os.features', windows('1', ['y', 'x']), windows('1', ['x', 'y']), windows('1', ['y', 'x'])],
    ['other os.features', windows('1', ['x']), windows('1', ['y']), ['os.features']],
    ['an empty variant', { variant: '' }, arm('v6'), arm('v6')],
    [
      'a field that is not specified',
      { future: 1 } as Partial<Platform>,
      of('linux/amd64'),
      { ...of('linux/amd64'), future: 1 } as Platform,
    ],
  ];
  for (const [name, declared, real, out, normalized = out] of table)
    it(name, () => {
      const agreement = agreePlatform(declared, real);
      if (agreement.kind === 'contradiction') assert.deepEqual(agreement.fields, out);
      else assert.deepEqual(agreement, { kind: 'agreed', platform: out, normalized });
    });
});

describe('a declared platform that contradicts the real one, with what that adds', () => {
  const of = parsePlatform;
  const table: readonly (readonly [declared: Partial<Platform>, real: Platform, out: Platform])[] = [
    [{ architecture: 'arm64' }, of('linux/amd64/v2'), of('linux/arm64')],
    [of('linux/arm/v6'), of('linux/arm/v7'), of('linux/arm/v6')],
    [{ variant: 'v6' }, of('linux/arm/v7'), of('linux/arm/v6')],
    [of('linux/armhf'), of('linux/arm/v6'), of('linux/arm/v7')],
    [of('linux/aarch64'), of('linux/amd64'), of('linux/arm64')],
    [{ os: 'linux' }, windows('1', ['x']), of('linux/amd64')],
    [windows('1'), windows('2', ['x']), windows('1', ['x'])],
    [{ os: 'windows', architecture: '', variant: '' }, of('linux/amd64/v2'), of('windows/amd64/v2')],
  ];
  for (const [declared, real, out] of table)
    it(`${JSON.stringify(declared)} for ${describePlatform(real)}`, () => {
      const agreement = agreePlatform(declared, real);
      assert.deepEqual(agreement.kind === 'contradiction' && agreement.declared, out);
    });
});

describe('platforms as text', () => {
  const table = [
    [parsePlatform('linux/arm/v7'), 'linux/arm/v7', 'linux-arm-v7', 'linux/arm/v7'],
    [parsePlatform('linux/arm64'), 'linux/arm64', 'linux-arm64', 'linux/arm64'],
    [
      windows('10.0.20348.1', ['win32k', 'x']),
      'windows/amd64',
      'windows-amd64',
      'windows/amd64 (10.0.20348.1, win32k, x)',
    ],
    [windows('10.0.20348.1'), 'windows/amd64', 'windows-amd64', 'windows/amd64 (10.0.20348.1)'],
    [{ ...windows(), variant: '' }, 'windows/amd64', 'windows-amd64', 'windows/amd64'],
  ] as const;
  for (const [platform, text, slug, said] of table)
    it(said, () =>
      assert.deepEqual(
        [formatPlatform(platform), platformSlug(platform), describePlatform(platform)],
        [text, slug, said],
      ),
    );
});
