import { type Digest, isDigest, parseDigest } from './digest.ts';
import { FormatError, quote } from './format-error.ts';
import { annotationsAt, kindOf, objectAt, stringAt, stringsAt } from './json-field.ts';
import { essence } from './media-types.ts';
import type { Platform } from './platform.ts';

/**
 * A reference from a document to other content (OCI image-spec 1.1, descriptor.md): its type, digest and
 * size in bytes, and for an index entry its platform. Unknown fields are kept.
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/**
 * The flaw of a descriptor that has its content with it, or undefined: clients may take `data` for the content
 * `bytes`, and may fetch unchecked content from `urls`. (OCI image-spec 1.1, descriptor.md)
 */
export function findEmbeddedFlaw({ data, urls }: Descriptor, bytes: Uint8Array): string | undefined {
  if (urls !== undefined) return 'has `urls`, from which clients may fetch something else';
  if (data === undefined || data === Buffer.from(bytes).toString('base64')) return undefined;
  return 'has `data` that is not its content in base64';
}

/**
 * Reads a descriptor from a parsed JSON document. Specified fields that are null and an empty platform are left out.
 *
 * @param where the name of the descriptor in messages, such as `manifests[2]`
 * @throws FormatError naming the field that is wrong.
 */
export function parseDescriptor(value: unknown, where = 'descriptor'): Descriptor {
  const { mediaType, digest, size, urls, annotations, data, platform, artifactType, ...unknown } = objectAt(
    value,
    where,
  );
  const known = {
    mediaType: mediaTypeAt(mediaType, `${where}.mediaType`),
    digest: digestAt(digest, `${where}.digest`),
    size: sizeAt(size, `${where}.size`),
    urls: nonEmpty(stringsAt(urls, `${where}.urls`)),
    annotations: annotationsAt(annotations, `${where}.annotations`),
    data: nonEmpty(stringAt(data, `${where}.data`)),
    platform: platformAt(platform, `${where}.platform`),
    artifactType: nonEmpty(stringAt(artifactType, `${where}.artifactType`)),
  };
  return present<Descriptor>({ ...known, ...unknown });
}

/** A text that is equal for descriptors with equal fields, in whatever order. */
export function canonicalDescriptor(descriptor: Descriptor): string {
  return JSON.stringify(descriptor, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/**
 * Reads a platform from a parsed JSON document; null, undefined and an empty one become undefined. A missing os or
 * architecture becomes `''`; see {@link isWholePlatform}.
 *
 * @throws FormatError naming the field that is wrong.
 */
export function platformAt(value: unknown, where: string): Platform | undefined {
  if (value === undefined || value === null) return undefined;
  const {
    architecture,
    os,
    variant,
    'os.version': version,
    'os.features': features,
    ...unknown
  } = objectAt(value, where);
  const known = {
    architecture: platformStringAt(architecture, `${where}.architecture`),
    os: platformStringAt(os, `${where}.os`),
    'os.version': nonEmpty(stringAt(version, `${where}["os.version"]`)),
    'os.features': nonEmpty(stringsAt(features, `${where}["os.features"]`)),
    variant: nonEmpty(platformStringAt(variant, `${where}.variant`)),
  };
  if (known.architecture === '' && known.os === '') return undefined;
  return present<Platform>({ ...known, ...unknown });
}

// Platforms are written with slashes and commas between these strings.
function platformStringAt(value: unknown, where: string): string {
  const string = stringAt(value, where);
  if (/^[\w.+-]*$/.test(string)) return string;
  throw new FormatError(`${where} is ${quote(string)}`, 'letters, digits, ".", "_", "+" and "-"');
}

function nonEmpty<Value extends { readonly length: number }>(value: Value): Value | undefined {
  return value.length === 0 ? undefined : value;
}

function present<Type>(fields: Readonly<Record<string, unknown>>): Type {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Type;
}

/** Parameters are allowed. The type is kept as it is and may be sent in a header. */
function mediaTypeAt(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new FormatError(`${where} is ${kindOf(value)}`, 'a media type');
  if (essence(value) !== '' && /^[\u0021-\u007e][\u0020-\u007e]*$/.test(value)) return value;
  throw new FormatError(`${where} is ${quote(value)}`, 'a media type: type/subtype');
}

function digestAt(value: unknown, where: string): Digest {
  if (typeof value !== 'string') throw new FormatError(`${where} is ${kindOf(value)}`, 'a digest');
  if (isDigest(value)) return value;
  try {
    return parseDigest(value);
  } catch (error) {
    throw error instanceof FormatError
      ? new FormatError(`${where}: ${error.message}`, error.expected)
      : error;
  }
}

function sizeAt(value: unknown, where: string): number {
  if (typeof value !== 'number') throw new FormatError(`${where} is ${kindOf(value)}`, 'a number of bytes');
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new FormatError(`${where} is ${value}`, 'a whole number of bytes, 0 or more');
}
