/** The architectures that clients ask for: Go's names (go.dev/doc/install/source#environment). */
const architectures: ReadonlySet<string> = new Set(
  '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm'.split(' '),
);

const systems: ReadonlySet<string> = new Set('linux windows darwin freebsd wasip1'.split(' '));

/** The variants that clients ask for; other architectures have none. */
const variants: Readonly<Record<string, RegExp>> = {
  amd64: /^v[1-4]$/,
  arm: /^v[5-8]$/,
  arm64: /^v[89](?:\.\d)?$/,
  riscv64: /^rva\d\d\w*$/,
  ppc64le: /^power\d+$/,
};

/** Names of architectures that clients do not know, and the right ones. */
const slips: readonly (readonly [slip: RegExp, right: string])[] = [
  [/^arm(?:32)?v?([5-7])(?:l|a|hf|el|tel?)?$/, 'arm/v$1'],
  [/^(?:arm32|armv8l)$/, 'arm/v7'],
  [/^(?:arm64[-_]?v8|armv8a?|arm8)$/, 'arm64'],
  [/^arm64[-_]?v9$/, 'arm64/v9'],
  [/^(?:x64|intel64|x8664|(?:amd64|x86[-_]64)[-_]?v1)$/, 'amd64'],
  [/^(?:amd64|x86[-_]64)[-_]?v([2-4])$/, 'amd64/v$1'],
  [/^(?:x86|ia32|i[456]86)$/, '386'],
  [/^(?:ppc64el|powerpc64le)$/, 'ppc64le'],
  [/^(?:riscv|rv64(?:gc)?|riscv64gc)$/, 'riscv64'],
  [/^s390$/, 's390x'],
  [/^mipsel$/, 'mipsle'],
  [/^mips64el$/, 'mips64le'],
  [/^(?:loong|loongarch64)$/, 'loong64'],
];

const aliases: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['aarch64', 'arm64'],
]);

const systemSlips: ReadonlyMap<string, string> = new Map([
  ['win', 'windows'],
  ['win32', 'windows'],
  ['win64', 'windows'],
  ['mac', 'darwin'],
  ['osx', 'darwin'],
]);

/**
 * The right spelling of a platform in lower case whose os or architecture is a known slip, such as `linux/arm/v7` for
 * `linux/armv7`, or whose parts are in the wrong order; undefined for any other.
 */
export function rightSpelling(os: string, architecture: string, variant?: string): string | undefined {
  if (architectures.has(os) && systems.has(architecture))
    return [architecture, os, variant].filter(Boolean).join('/');
  const system = systemSlips.get(os) ?? os;
  const name = rightArchitecture(architecture) ?? architecture;
  if (system === os && name === architecture) return undefined;
  return [system, name, ...(name.includes('/') ? [] : [variant])].filter(Boolean).join('/');
}

/** The right `arch[/variant]` for a known slip such as `armv7`. */
export function rightArchitecture(architecture: string): string | undefined {
  const found = slips.find(([slip]) => slip.test(architecture));
  return found && architecture.replace(...found);
}

/** The platform that a word without a slash stands for, such as `linux/arm64` for `arm64` or `linux-arm64`. */
export function spelledOut(word: string): string | undefined {
  const [, os = 'linux', name = ''] = /^(?:([a-z]+)[-_:])?([\w-]+)$/.exec(word.toLowerCase()) ?? [];
  const [architecture = '', variant] = (aliases.get(name) ?? name).split(/[-_](?=v\d)/);
  const right =
    rightArchitecture(name) ??
    (architectures.has(architecture) ? [architecture, variant].filter(Boolean).join('/') : undefined);
  return right === undefined || !systems.has(os) ? undefined : `${os}/${right}`;
}

/**
 * A variant that a user wrote, as clients look for it: on arm `7`, `armv7`, `v7l` become `v7`; on arm64 `8`, `v8.0`,
 * `armv8` become `v8`. Any other stays: `arm64/v8` is `docker manifest annotate`'s own.
 */
export function askedVariant(architecture: string, variant: string): string {
  if (architecture === 'arm') return variant.replace(/^(?:arm)?v?([5-8])l?$/, 'v$1');
  return /^(?:arm64|aarch64)$/.test(architecture) && /^(?:8|8\.0|v8\.0|armv8)$/.test(variant)
    ? 'v8'
    : variant;
}

/** Whether clients ask for this architecture and variant, both normalised. */
export function isAskedFor(architecture: string, variant: string | undefined): boolean {
  if (!architectures.has(architecture)) return false;
  return !variant || variants[architecture]?.test(variant) === true;
}
