import { type Digest, isDigest, parseDigest } from '../../oci/digest.ts';
import { FormatError, quote } from '../../oci/format-error.ts';
import { type Platform, platformSlug } from '../../oci/platform.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { LayoutPick, Locator } from '../source.ts';

/** The forms a source can take, for messages. */
export const sourceForms =
  'registry/repository:tag, registry/repository@sha256:…, sha256:…, a descriptor as JSON, ' +
  'oci:DIR, oci-archive:FILE, digests:DIR, metadata:FILE or docker-manifest:NAME';

/** In characters: no reference, and no path that a runner can open, is longer. */
const maxSourceLength = 4096;

/**
 * Reads the source itself, the first word of a source line.
 *
 *     reference                          registry/repository:tag, …@digest or …:tag@digest
 *     digest                             sha256:… or sha512:…
 *     oci:DIR[:tag|@digest]              OCI image layout
 *     oci-archive:FILE[:tag|@digest]     the same in an archive
 *     digests:DIR                        files that name digests
 *     metadata:FILE                      metadata that a build wrote
 *     docker-manifest:NAME               local draft; a NAME without tag means its `latest`, as in docker's CLI
 *
 * A reference needs a tag or a digest; there is no default tag. A path cannot contain a colon, except after a Windows
 * drive. Throws FormatError naming what is wrong and the legal form.
 */
export function parseLocator(word: string): Locator {
  checkLength(word);
  const colon = word.indexOf(':');
  const read = colon < 0 ? undefined : prefixes.get(word.slice(0, colon));
  return read ? read(word.slice(colon + 1), word) : parseReferenceLocator(word);
}

/** Throws FormatError when the word is longer than any source can be. */
function checkLength(word: string): void {
  if (word.length <= maxSourceLength) return;
  const message = `${quote(word)} is ${word.length} characters long`;
  throw new FormatError(message, `a source of at most ${maxSourceLength} characters`);
}

type ReadLocator = (rest: string, word: string) => Locator;

const prefixes: ReadonlyMap<string, ReadLocator> = new Map<string, ReadLocator>([
  ['sha256', (_, word) => ({ kind: 'digest', digest: parseDigest(word) })],
  ['sha512', (_, word) => ({ kind: 'digest', digest: parseDigest(word) })],
  ['oci', (rest) => ({ kind: 'oci', ...parseLayoutPath(rest, 'oci:DIR') })],
  ['oci-archive', (rest) => ({ kind: 'oci-archive', ...parseLayoutPath(rest, 'oci-archive:FILE') })],
  ['digests', (rest) => ({ kind: 'digests', path: parsePath(rest, 'digests:DIR') })],
  ['metadata', (rest) => ({ kind: 'metadata', path: parsePath(rest, 'metadata:FILE') })],
  ['docker-manifest', (rest) => ({ kind: 'docker-manifest', name: parseDraftName(rest) })],
]);

function parseReferenceLocator(word: string): Locator {
  if (word === '') throw new FormatError('the source is empty', sourceForms);
  if (/^(?:docker-archive|docker-daemon|containers-storage|dir|oci-layout|ocidir):/.test(word))
    throw new FormatError(`${quote(word)} is a form of another tool`, sourceForms);
  if (word.includes(',')) {
    throw new FormatError(`${quote(word)} contains a comma`, 'one source per line');
  }
  const reference = parseReference(word);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    return { kind: 'reference', ...reference };
  }
  const message = `${quote(word)} has neither a tag nor a digest, and "latest" is not assumed`;
  throw new FormatError(message, sourceForms);
}

function parsePath(path: string, form: string): string {
  if (path === '') throw new FormatError(`${quote(form.slice(0, form.indexOf(':') + 1))} has no path`, form);
  return path;
}

interface LayoutPath {
  readonly path: string;
  readonly pick?: LayoutPick;
}

function parseLayoutPath(text: string, form: string): LayoutPath {
  const forms = `${form}, ${form}:tag or ${form}@sha256:…`;
  const at = text.lastIndexOf('@');
  const digest = at < 0 ? undefined : readPickedDigest(text.slice(at + 1));
  const named = digest === undefined ? text : text.slice(0, at);
  const colon = named.indexOf(':', /^[A-Za-z]:[\\/]/.test(named) ? 2 : 0);
  const path = parsePath(colon < 0 ? named : named.slice(0, colon), forms);
  if (digest !== undefined) return { path, pick: { digest } };
  return colon < 0 ? { path } : { path, pick: { tag: parseRefName(named.slice(colon + 1), forms) } };
}

function readPickedDigest(text: string): Digest | undefined {
  if (isDigest(text)) return text;
  return /^sha(?:256|512):/.test(text) ? parseDigest(text) : undefined;
}

/**
 * Reads the name of an image in a layout (OCI image-spec 1.1, annotations.md: `org.opencontainers.image.ref.name`).
 * Tools put a tag there, or a whole reference.
 */
function parseRefName(name: string, forms: string): string {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9]|[-._:@/+](?=[A-Za-z0-9-]))*$/.test(name)) return name;
  throw new FormatError(`${quote(name)} is not the name of an image in a layout`, forms);
}

/** Draft names are read as docker's CLI reads them, default tag included. */
function parseDraftName(text: string): string {
  const reference = parseReference(text);
  const tagged = reference.tag !== undefined || reference.digest !== undefined;
  return formatReference(tagged ? reference : { ...reference, tag: 'latest' });
}

/** One source that a template expands to. */
export interface Expansion {
  readonly text: string;
  /** The fields that all platforms with this text have in common. */
  readonly declared: Partial<Platform>;
}

const placeholders: ReadonlyMap<string, (platform: Platform) => string> = new Map([
  ['{os}', (platform: Platform) => platform.os],
  ['{arch}', (platform: Platform) => platform.architecture],
  ['{variant}', (platform: Platform) => platform.variant ?? ''],
  ['{platform}', platformSlug],
]);

const forms = [...placeholders.keys()].join(', ');
const placeholder = /\{[^{}]*\}/g;

/**
 * Expands `{os}`, `{arch}`, `{variant}` (empty for platforms without one) and `{platform}` (`linux-arm-v7`) in a source
 * over the platforms, in their order.
 *
 * A word without placeholders stays as it is. Platforms that expand to the same text share one expansion, which
 * declares only the fields that they have in common: `app:{os}` over linux/amd64 and linux/arm64 is one source,
 * `app:linux`. Throws FormatError for an unknown placeholder, or when there are no platforms to expand over.
 */
export function expandTemplate(word: string, platforms: readonly Platform[]): readonly Expansion[] {
  checkLength(word);
  const used = word.match(placeholder);
  if (used === null) return [{ text: word, declared: {} }];
  const unknown = used.find((name) => !placeholders.has(name));
  if (unknown !== undefined)
    throw new FormatError(`${quote(word)} has the placeholder ${quote(unknown)}`, forms);
  if (platforms.length === 0) {
    throw new FormatError(`${quote(word)} is a template without platforms`, 'the `platforms` input');
  }
  const fill = (platform: Platform): string =>
    word.replace(placeholder, (name) => placeholders.get(name)?.(platform) ?? name);
  return merge(platforms.map((platform) => ({ text: fill(platform), declared: platform })));
}

function merge(expansions: readonly Expansion[]): readonly Expansion[] {
  const merged = new Map<string, Partial<Platform>>();
  for (const { text, declared } of expansions) {
    const known = merged.get(text);
    merged.set(text, known ? inCommon(known, declared) : declared);
  }
  return [...merged].map(([text, declared]) => ({ text, declared }));
}

function inCommon(a: Partial<Platform>, b: Partial<Platform>): Partial<Platform> {
  const same = (field: string, value: unknown) =>
    JSON.stringify(value) === JSON.stringify(b[field as keyof Platform]);
  return Object.fromEntries(Object.entries(a).filter(([field, value]) => same(field, value)));
}
