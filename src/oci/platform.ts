import { FormatError, hasControlCharacter, quote } from './format-error.ts';
import { compareUtf8 } from './go-json.ts';
import { askedVariant, isAskedFor, rightSpelling, spelledOut } from './platform-names.ts';

/** The platform of an image (OCI image-spec 1.1, image-index.md `platform`), in the author's spelling. */
export interface Platform {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

const platformFields = ['os', 'architecture', 'variant', 'os.version', 'os.features'] as const;

/** The platform of attestation entries of an index. */
export const attestationPlatform: Platform = { architecture: 'unknown', os: 'unknown' };

/** Whether the platform has os and architecture; those of documents may have only one of them. */
export function isWholePlatform({ os, architecture }: Platform): boolean {
  return os !== '' && architecture !== '';
}

const form = 'os/arch or os/arch/variant, such as linux/amd64 or linux/arm/v7';
const maxTextLength = 255;
/** `windows(10.0.20348)`, `linux(+erofs)`: the os with its version and features. */
const osForm = /^([A-Za-z0-9_.-]+)(?:\(([A-Za-z0-9_.-]*)((?:\+[A-Za-z0-9_.-]+)*)\))?$/;

/**
 * Reads `os/arch[/variant]` or containerd's `os(os.version+os.feature)/arch[/variant]`, trimmed and in lower case;
 * aliases such as `x86_64` are kept. Throws FormatError naming what is wrong, with the right spelling of a known slip
 * such as `linux/armv7`.
 */
export function parsePlatform(text: string): Platform {
  if (text.length > maxTextLength) throw new FormatError(`platform ${quote(text)} is too long`, form);
  if (hasControlCharacter(text))
    throw new FormatError(`platform ${quote(text)} contains a control character`, form);
  const parts = text.trim().split('/');
  const [os = '', architecture, variant] = parts;
  if (architecture === undefined)
    throw new FormatError(`platform ${quote(text)} has no "/"`, spelledOut(os) ?? form);
  if (parts.length > 3) throw new FormatError(`platform ${quote(text)} has ${parts.length} parts`, form);
  const flawed = parts.find((part, at) => !(at === 0 ? osForm : /^[A-Za-z0-9_.-]+$/).test(part));
  if (flawed === '') throw new FormatError(`platform ${quote(text)} has an empty part`, form);
  if (flawed !== undefined)
    throw new FormatError(`platform ${quote(text)} cannot have ${quote(flawed)} in it`, form);
  return checkSpelling(lowerCase(os, architecture, variant), text);
}

function lowerCase(os: string, architecture: string, variant: string | undefined): Platform {
  const [, name = '', version = '', features = ''] = osForm.exec(os) ?? [];
  return {
    ...{ architecture: architecture.toLowerCase(), os: name.toLowerCase() },
    ...(variant === undefined ? {} : { variant: variant.toLowerCase() }),
    ...(version === '' ? {} : { 'os.version': version }),
    ...(features === '' ? {} : { 'os.features': features.slice(1).split('+') }),
  };
}

function checkSpelling(platform: Platform, text: string): Platform {
  const right = rightSpelling(platform.os, platform.architecture, platform.variant);
  if (right === undefined) return platform;
  throw new FormatError(`platform ${quote(text)} is not one that clients ask for`, right);
}

/** As {@link parsePlatform} reads it: `windows(10.0.20348)/amd64`. */
export function spellPlatform(platform: Platform): string {
  const { 'os.version': version = '', 'os.features': features = [], ...rest } = platform;
  const details = [version, ...features].join('+');
  return formatPlatform(details === '' ? rest : { ...rest, os: `${rest.os}(${details})` });
}

/** `os/arch[/variant]` without os.version and os.features. */
export function formatPlatform(platform: Platform): string {
  return joinParts(platform, '/');
}

/** `os/arch[/variant]` with os.version and os.features in parentheses, such as `windows/amd64 (10.0.20348.1)`. */
export function describePlatform(platform: Platform): string {
  const details = [platform['os.version'] ?? '', ...(platform['os.features'] ?? [])].filter(
    (text) => text !== '',
  );
  return details.length === 0
    ? formatPlatform(platform)
    : `${formatPlatform(platform)} (${details.join(', ')})`;
}

/** `os-arch[-variant]`, such as `linux-arm-v7`, for tags and file names. */
export function platformSlug(platform: Platform): string {
  return joinParts(platform, '-');
}

function joinParts({ os, architecture, variant }: Platform, separator: string): string {
  return [os, architecture, ...(variant ? [variant] : [])].join(separator);
}

/** Other names of architectures, and the variant that such a name states itself. */
const architectureAliases: ReadonlyMap<string, readonly [name: string, variant?: string]> = new Map([
  ['i386', ['386', '']],
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['aarch64', ['arm64']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
]);

/** Other names of variants; '' is none. */
const variantAliases: ReadonlyMap<string, string> = new Map([
  ['amd64/v1', ''],
  ...['8', 'v8', 'v8.0'].map((variant) => [`arm64/${variant}`, ''] as const),
  ...['9', '9.0', 'v9.0'].map((variant) => [`arm64/${variant}`, 'v9'] as const),
  ['arm/', 'v7'],
  ...['5', '6', '7', '8'].map((variant) => [`arm/${variant}`, `v${variant}`] as const),
]);

/**
 * Normalises a platform for comparisons by the rules of github.com/containerd/platforms: everything in lower case;
 * os.features sorted and unique; empty fields left out; macos is darwin; architectures and variants as in the tables.
 */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const given = platform.architecture.toLowerCase();
  const [architecture, fixed] = architectureAliases.get(given) ?? [given];
  const named = fixed ?? (platform.variant ?? '').toLowerCase();
  const variant = variantAliases.get(`${architecture}/${named}`) ?? named;
  const features = [...new Set(platform['os.features'] ?? [])].sort(compareUtf8);
  return {
    architecture,
    os: os === 'macos' ? 'darwin' : os,
    ...(platform['os.version'] ? { 'os.version': platform['os.version'] } : {}),
    ...(features.length > 0 ? { 'os.features': features } : {}),
    ...(variant ? { variant } : {}),
  };
}

/**
 * A key that is equal for entries of which an index may have only one: os, architecture and variant after normalising,
 * and for Windows os.version and os.features, by which Windows hosts choose. On other systems clients ignore the
 * version, and may take either entry when only the features differ.
 */
export function platformKey(platform: Platform): string {
  const { os, architecture, variant = '', ...rest } = normalizePlatform(platform);
  const details = os === 'windows' ? [rest['os.version'] ?? '', rest['os.features'] ?? []] : [];
  return JSON.stringify([os, architecture, variant, ...details]);
}

/** Whether both are the same platform after normalising, with os.version and os.features. */
export function samePlatform(a: Platform, b: Platform): boolean {
  const [one, other] = [normalizePlatform(a), normalizePlatform(b)];
  return platformFields.every((field) => sameField(one, other, field));
}

/**
 * Whether an entry matches a `platforms` filter: os, architecture and variant are compared after normalising, os.version
 * and os.features when `wanted` has them; a Windows build such as `10.0.20348` matches all its revisions. Windows entries
 * of every version match when `wanted` has none; on other systems an entry with features that `wanted` does not have is
 * another one, since no client takes it that did not ask for them.
 */
export function matchesPlatform(wanted: Platform, entry: Platform): boolean {
  const a = normalizePlatform(asClientsAsk(wanted));
  const b = normalizePlatform(entry);
  return platformFields.every((field) => {
    if (field === 'os.version') return isVersionOf(a[field], b[field]);
    const optional = field === 'os.features' && b.os === 'windows';
    return (optional && a[field] === undefined) || sameField(a, b, field);
  });
}

/** A platform that a user wrote, with its variant as clients look for it. */
function asClientsAsk(platform: Platform): Platform {
  const { architecture, variant } = platform;
  return variant === undefined
    ? platform
    : { ...platform, variant: askedVariant(architecture.toLowerCase(), variant.toLowerCase()) };
}

/** Whether a client asks for this platform by itself, after normalising; the os is not looked at. */
export function isAskedPlatform(platform: Platform): boolean {
  const { architecture, variant } = normalizePlatform(platform);
  return isAskedFor(architecture, variant);
}

function isVersionOf(wanted = '', version = ''): boolean {
  return wanted === '' || wanted === version || version.startsWith(`${wanted}.`);
}

function sameField(a: Platform, b: Platform, field: keyof Platform): boolean {
  return JSON.stringify(a[field]) === JSON.stringify(b[field]);
}

/** The platform that a declaration and an image agree on, or the fields in which they contradict each other. */
type PlatformAgreement =
  | {
      readonly kind: 'agreed';
      readonly platform: Platform;
      /** The same with the image's part of it normalised. */
      readonly normalized: Platform;
    }
  | {
      readonly kind: 'contradiction';
      readonly fields: readonly (keyof Platform)[];
      /** The declared platform, with what the image adds to it. */
      readonly declared: Platform;
    };

/**
 * Compares a declared platform with the image's real one after normalising. The spelling that is taken:
 *
 *     declared                  os, architecture   variant, os.version, os.features
 *     nothing                   real               real
 *     what the image omits      -                  declared
 *     the same                  real               declared
 *     something different       contradiction      contradiction
 *
 * An alias such as `armhf` declares its variant too. Fields that platforms do not have are taken as declared.
 */
export function agreePlatform(declared: Partial<Platform>, real: Platform): PlatformAgreement {
  const { os, architecture } = real;
  const claim = { ...declared, os: declared.os || os, architecture: declared.architecture || architecture };
  const verdictOf = (field: string) => {
    const known = platformFields.find((each) => each === field);
    return known === undefined ? 'declared' : compareField(known, claim, real);
  };
  const fields = platformFields.filter((field) => verdictOf(field) === 'contradiction');
  if (fields.length > 0) return { kind: 'contradiction', fields, declared: prevailing(claim, real, fields) };
  const taken = Object.entries(declared).filter(([field]) => verdictOf(field) === 'declared');
  const added = { ...variantOfAlias(claim.architecture, real), ...Object.fromEntries(taken) };
  return {
    kind: 'agreed',
    platform: { ...real, ...added },
    normalized: { ...normalizePlatform(real), ...added },
  };
}

// A variant belongs to its architecture, os.version and os.features to their os.
function prevailing(
  { os, architecture, ...details }: Platform,
  real: Platform,
  contradictions: readonly (keyof Platform)[],
): Platform {
  const proper = normalizePlatform({ os, architecture });
  const kept = platformFields.filter((field) => {
    return !contradictions.includes(field === 'variant' ? 'architecture' : 'os') && states(real, field);
  });
  return {
    ...Object.fromEntries(kept.map((field) => [field, real[field]])),
    ...(proper.architecture === architecture ? { os, architecture } : { ...proper, os }),
    ...Object.fromEntries(Object.entries(details).filter(([, value]) => value !== '')),
  };
}

function compareField(field: keyof Platform, claim: Platform, real: Platform) {
  if (!states(claim, field)) return 'real';
  if (!states(real, field)) return 'declared';
  const [said, actual] = [claim[field], real[field]];
  if (field === 'os.version' && said !== actual && isVersionOf(String(said), String(actual))) return 'real';
  if (!sameField(normalizePlatform(claim), normalizePlatform(real), field)) return 'contradiction';
  return field === 'os' || field === 'architecture' ? 'real' : 'declared';
}

/** Whether the platform itself states the field; armhf and armel state their variant. */
function states(platform: Platform, field: keyof Platform): boolean {
  if (field === 'variant' && /^arm(?:hf|el)$/i.test(platform.architecture)) return true;
  const value = platform[field];
  return value !== undefined && value.length > 0;
}

// Clients look for the proper names when they pull, not for aliases.
function variantOfAlias(alias: string, real: Platform): Partial<Platform> {
  const { variant } = normalizePlatform({ ...real, architecture: alias });
  return alias === real.architecture || variant === undefined ? {} : { variant };
}
