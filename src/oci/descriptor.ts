import { type Digest, isDigest, parseDigest } from './digest.ts';
import { FormatError, quote } from './format-error.ts';
import { annotationsAt, type JsonObject, kindOf, objectAt, stringAt, stringsAt } from './json-document.ts';
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
 * `where`: the name of the descriptor in messages, such as `manifests[2]`. Throws FormatError naming the field that is
 * wrong.
 */
export function parseDescriptor(value: unknown, where = 'descriptor'): Descriptor {
  const object = objectAt(value, where);
  const at = (field: string): string => `${where}.${field}`;
  const known = {
    mediaType: mediaTypeAt(object['mediaType'], at('mediaType')),
    digest: digestAt(object['digest'], at('digest')),
    size: sizeAt(object['size'], at('size')),
    urls: nonEmpty(stringsAt(object['urls'], at('urls'))),
    annotations: annotationsAt(object['annotations'], at('annotations')),
    data: nonEmpty(stringAt(object['data'], at('data'))),
    platform: platformAt(object['platform'], at('platform')),
    artifactType: nonEmpty(stringAt(object['artifactType'], at('artifactType'))),
  };
  return present<Descriptor>(known, object);
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
 * architecture becomes `''`; see {@link isWholePlatform}. Throws FormatError naming the field that is wrong.
 */
export function platformAt(value: unknown, where: string): Platform | undefined {
  if (value === undefined || value === null) return undefined;
  const object = objectAt(value, where);
  const known = {
    architecture: platformStringAt(object['architecture'], `${where}.architecture`),
    os: platformStringAt(object['os'], `${where}.os`),
    'os.version': nonEmpty(stringAt(object['os.version'], `${where}["os.version"]`)),
    'os.features': nonEmpty(stringsAt(object['os.features'], `${where}["os.features"]`)),
    variant: nonEmpty(platformStringAt(object['variant'], `${where}.variant`)),
  };
  if (known.architecture === '' && known.os === '') return undefined;
  return present<Platform>(known, object);
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

/** The fields of `known` that are present, and those of the document that are not among them, in one new object. */
function present<Type>(known: JsonObject, document: JsonObject): Type {
  const fields = Object.entries(known).filter(([, value]) => value !== undefined);
  for (const field in document) if (!Object.hasOwn(known, field)) fields.push([field, document[field]]);
  return Object.fromEntries(fields) as Type;
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
