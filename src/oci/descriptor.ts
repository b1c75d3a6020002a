import { type Digest, isDigest, parseDigest } from './digest.ts';
import { FormatError, hasControlCharacter, quote } from './format-error.ts';
import { isMediaType } from './media-types.ts';
import type { Platform } from './platform.ts';

/**
 * What one document says of another piece of content (OCI image-spec 1.1, descriptor.md): its type, digest and
 * size in bytes, and for an index entry its platform. Fields this project does not know are kept.
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Checks a descriptor out of a parsed JSON document. Fields that are null, and a platform that is empty, count as
 * absent.
 *
 * @param where what the descriptor is called in messages, such as `manifests[2]`
 * @throws FormatError naming the field that is wrong.
 */
export function parseDescriptor(value: unknown, where = 'descriptor'): Descriptor {
  const fields = parseObject(value, where);
  const { mediaType, digest, size, platform, annotations, ...rest } = fields;
  checkOptional(rest, where);
  return {
    mediaType: parseMediaType(mediaType, `${where}.mediaType`),
    digest: parseDigestField(digest, `${where}.digest`),
    size: parseSize(size, `${where}.size`),
    ...optional('platform', parsePlatformField(platform ?? undefined, `${where}.platform`)),
    ...optional('annotations', parseAnnotationsField(annotations ?? undefined, `${where}.annotations`)),
    ...withoutNulls(rest),
  };
}

/**
 * Checks that a value is a JSON object.
 *
 * @throws FormatError naming `where`.
 */
export function parseObject(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new FormatError(`${where} is ${kindOf(value)}`, 'a JSON object');
}

/**
 * Checks a map of annotations; undefined stays undefined.
 *
 * @throws FormatError for values that are no strings, and for keys that are empty or hold control characters.
 */
export function parseAnnotationsField(
  value: unknown,
  where: string,
): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined;
  const map = parseObject(value, where);
  for (const [key, text] of Object.entries(map)) {
    if (key === '' || hasControlCharacter(key)) {
      throw new FormatError(`${where} has the key ${quote(key)}`, 'keys without control characters');
    }
    if (typeof text !== 'string')
      throw new FormatError(`${where} has ${kindOf(text)} under ${quote(key)}`, 'a string');
  }
  return map as Readonly<Record<string, string>>;
}

/**
 * Checks a platform out of a parsed JSON document; undefined and an empty one become undefined.
 *
 * @throws FormatError naming the field that is wrong.
 */
export function parsePlatformField(value: unknown, where: string): Platform | undefined {
  if (value === undefined) return undefined;
  const {
    architecture,
    os,
    variant,
    'os.version': version,
    'os.features': features,
    ...rest
  } = parseObject(value, where);
  const platform = {
    architecture: parseWord(architecture ?? '', `${where}.architecture`),
    os: parseWord(os ?? '', `${where}.os`),
    ...optional('os.version', parseWord(version ?? '', `${where}["os.version"]`) || undefined),
    ...optional('os.features', parseWords(features ?? [], `${where}["os.features"]`)),
    ...optional('variant', parseWord(variant ?? '', `${where}.variant`) || undefined),
    ...withoutNulls(rest),
  };
  if (platform.architecture === '' && platform.os === '') return undefined;
  if (platform.architecture === '') throw new FormatError(`${where} has an os but no architecture`, 'both');
  if (platform.os === '') throw new FormatError(`${where} has an architecture but no os`, 'both');
  return platform;
}

/** What kind of JSON value it is, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** `{[name]: value}`, or nothing when the value is undefined. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [N in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [N in Name]?: Value };
}

function parseMediaType(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new FormatError(`${where} is ${kindOf(value)}`, 'a media type');
  if (isMediaType(value)) return value;
  throw new FormatError(`${where} is ${quote(value)}`, 'a media type: type/subtype');
}

function parseDigestField(value: unknown, where: string): Digest {
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

function parseSize(value: unknown, where: string): number {
  if (typeof value !== 'number') throw new FormatError(`${where} is ${kindOf(value)}`, 'a number of bytes');
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new FormatError(`${where} is ${value}`, 'a whole number of bytes, 0 or more');
}

function parseWord(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new FormatError(`${where} is ${kindOf(value)}`, 'a string');
  if (!hasControlCharacter(value)) return value;
  throw new FormatError(`${where} is ${quote(value)}`, 'a string without control characters');
}

function parseWords(value: unknown, where: string): readonly string[] | undefined {
  if (!Array.isArray(value)) throw new FormatError(`${where} is ${kindOf(value)}`, 'an array of strings');
  const words = value.map((word, at) => parseWord(word, `${where}[${at}]`));
  return words.length === 0 ? undefined : words;
}

function checkOptional({ urls, data, artifactType }: JsonObject, where: string): void {
  parseWords(urls ?? [], `${where}.urls`);
  parseWord(data ?? '', `${where}.data`);
  parseWord(artifactType ?? '', `${where}.artifactType`);
}

function withoutNulls(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
