import { type Digest, isDigest, parseDigest } from './digest.ts';
import { FormatError, hasControlCharacter, quote } from './format-error.ts';

/** A named collection of manifests and blobs on one registry. */
export interface Repository {
  /** `host[:port]` in lower case; `docker.io` for Docker Hub. */
  readonly registry: string;
  /** Path within the registry, such as `library/alpine`; at most 255 characters. */
  readonly path: string;
}

/** A repository with a tag, a digest, both or neither. The digest wins over the tag. */
export interface Reference {
  readonly repository: Repository;
  readonly tag?: string;
  readonly digest?: Digest;
}

const official = 'library/';
const maxPathLength = 255;
const maxTagLength = 128;

const referenceForm = 'registry/repository[:tag][@digest], such as ghcr.io/acme/app:1.0';
const pathForm = `lower-case letters and digits, separated by ".", "_", "__", "-" or "/", at most ${maxPathLength} characters`;
const tagForm = `a letter, digit or "_", then letters, digits, "_", "." or "-", at most ${maxTagLength} characters`;

/**
 * Reads a reference as `docker` does (github.com/distribution/reference, normalised named references):
 *
 *     reference  = name [ ":" tag ] [ "@" digest ]
 *     name       = [ registry "/" ] path
 *     registry   = first component that contains "." or ":" or is "localhost"; docker.io when there is none
 *     path       = component *( "/" component ); "library/" precedes a sole component on docker.io
 *     component  = alnum *( ( "." / "_" / "__" / 1*"-" ) alnum ), alnum = 1*( a-z / 0-9 )
 *
 * No default tag is added. Throws FormatError naming the flawed part.
 */
export function parseReference(text: string): Reference {
  refuseForeignForms(text);
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const colon = tagColon(named);
  const repository = parseName(colon < 0 ? named : named.slice(0, colon), text);
  return {
    repository,
    ...(colon < 0 ? {} : { tag: parseTag(named.slice(colon + 1), text) }),
    ...(at < 0 ? {} : { digest: parseDigestOf(text, at) }),
  };
}

/** The long form, `docker.io/library/alpine:3@sha256:…`, with the tag and digest of the reference. */
export function formatReference(reference: Reference): string {
  return formatRepository(reference.repository) + suffix(reference);
}

/** The references without repetitions. */
export function uniqueReferences<R extends Reference>(references: readonly R[]): readonly R[] {
  return [...new Map(references.map((each) => [formatReference(each), each])).values()];
}

/** The long form, `docker.io/library/alpine`. */
export function formatRepository(repository: Repository): string {
  return `${repository.registry}/${repository.path}`;
}

/** The short form, `alpine:3` for `docker.io/library/alpine:3`; it parses as the same reference. */
export function familiarReference(reference: Reference): string {
  return familiarName(reference.repository) + suffix(reference);
}

/** Whether both are the same path on the same registry. */
export function sameRepository(a: Repository, b: Repository): boolean {
  return a.registry === b.registry && a.path === b.path;
}

/**
 * Whether the registry, `host[:port]`, is written as this machine itself: `localhost`, 127.0.0.0/8 or `[::1]`.
 * Names that only resolve to, begin or end with one of them are not.
 */
export function isLoopbackRegistry(registry: string): boolean {
  const host = registry.replace(/:[0-9]{1,5}$/, '');
  if (host === 'localhost' || host === '[::1]') return true;
  return /^127(?:\.(?:0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])){3}$/.test(host);
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function familiarName(repository: Repository): string {
  if (repository.registry !== dockerHub) return formatRepository(repository);
  const { path } = repository;
  const sole =
    path.startsWith(official) && !path.includes('/', official.length) ? path.slice(official.length) : path;
  // Without its registry, such a name would parse as something else.
  const isAmbiguous = startsWithRegistry(sole) || /^(?:sha256|sha512|[0-9a-f]{64})$/.test(sole);
  return isAmbiguous ? formatRepository(repository) : sole;
}

function startsWithRegistry(name: string): boolean {
  const slash = name.indexOf('/');
  if (slash < 0) return false;
  const first = name.slice(0, slash);
  return first === 'localhost' || first.includes('.') || first.includes(':');
}

/** Refuses forms that people write instead of a reference, each with its own message. */
function refuseForeignForms(text: string): void {
  if (text === '') throw new FormatError('the reference is empty', referenceForm);
  if (hasControlCharacter(text))
    throw new FormatError(`${quote(text)} contains a control character`, referenceForm);
  if (/\s/.test(text)) throw new FormatError(`${quote(text)} contains white space`, referenceForm);
  const [scheme] = /^[a-z][a-z0-9+.-]{0,20}:\/\//i.exec(text) ?? [];
  if (scheme !== undefined)
    throw new FormatError(
      `${quote(text)} is a URL: write ${quote(text.slice(scheme.length))}`,
      referenceForm,
    );
  if (isDigest(text) || /^sha(?:256|512):[0-9a-fA-F]{32}/.test(text)) {
    throw new FormatError(`${quote(text)} is a digest without a repository`, 'registry/repository@digest');
  }
}

/**
 * The position of the colon before the tag, or -1; one in the first component belongs to a port or an IPv6 address. A
 * slash behind it is part of the tag, as in the name of a branch.
 */
function tagColon(named: string): number {
  const colon = named.lastIndexOf(':');
  if (named.endsWith(']')) return -1;
  if (colon > named.indexOf('/')) return colon;
  return /^(?!localhost:)[^.:/]+:[A-Za-z_][^:]*$/.test(named) ? colon : -1;
}

function parseTag(tag: string, text: string): string {
  if (isTag(tag)) return tag;
  const named = `tag ${quote(tag)} of ${quote(text)}`;
  const [sign = ''] = /[/+]/.exec(tag) ?? [];
  const plain = tag.replaceAll(/[/+]/g, '-');
  if (sign !== '' && isTag(plain))
    throw new FormatError(`${named} has a "${sign}"`, `a tag without it, such as ${quote(plain)}`);
  throw new FormatError(`${named} ${tagFlaw(tag)}`, tagForm);
}

function isTag(text: string): boolean {
  return text.length <= maxTagLength && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text);
}

function tagFlaw(tag: string): string {
  if (tag === '') return 'is empty';
  if (tag.length > maxTagLength)
    return `is ${tag.length} characters long: at most ${maxTagLength} are allowed`;
  if (/^[.-]/.test(tag)) return `starts with "${tag.charAt(0)}"`;
  return 'has characters other than letters, digits, "_", "." and "-"';
}

function parseDigestOf(text: string, at: number): Digest {
  const digest = text.slice(at + 1);
  if (isDigest(digest)) return digest;
  if (digest === '') throw new FormatError(`${quote(text)} has nothing after "@"`, referenceForm);
  return parseDigest(digest);
}

function parseName(name: string, text: string): Repository {
  if (name === '') throw new FormatError(`${quote(text)} has no repository`, referenceForm);
  if (/^[0-9a-f]{64}$/.test(name)) {
    throw new FormatError(`${quote(text)} is 64 hexadecimal digits, not a repository`, referenceForm);
  }
  if (!startsWithRegistry(name)) return { registry: dockerHub, path: hubPath(parsePath(name, text)) };
  const slash = name.indexOf('/');
  const registry = parseRegistry(name.slice(0, slash), text);
  const path = parsePath(name.slice(slash + 1), text);
  return { registry, path: registry === dockerHub ? hubPath(path) : path };
}

function hubPath(path: string): string {
  return path.includes('/') ? path : cap(official + path, path);
}

function parsePath(path: string, text: string): string {
  if (path.length > maxPathLength) return cap(path, text);
  const flawed = path.split('/').find((component) => !isPathComponent(component));
  if (flawed === undefined) return path;
  const where = path === text ? '' : ` of ${quote(text)}`;
  throw new FormatError(`repository ${quote(path)}${where} ${pathFlaw(path, flawed)}`, pathForm);
}

function isPathComponent(component: string): boolean {
  return /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/.test(component);
}

function pathFlaw(path: string, component: string): string {
  if (component === '') return 'has an empty part: an extra "/", or nothing after the registry';
  const lower = path.toLowerCase();
  if (/[A-Z]/.test(path) && lower.split('/').every(isPathComponent)) {
    return `has upper-case letters: write ${quote(lower)}`;
  }
  if (/[^A-Za-z0-9._/-]/.test(component)) return `contains invalid characters in ${quote(component)}`;
  return `has separators in the wrong place, in ${quote(component)}`;
}

function cap(path: string, text: string): string {
  if (path.length <= maxPathLength) return path;
  const message = `repository of ${quote(text)} is ${path.length} characters long: at most ${maxPathLength} are allowed`;
  throw new FormatError(message, pathForm);
}

/** The name of Docker Hub in references. */
export const dockerHub = 'docker.io';

const dockerHubHosts: readonly string[] = [dockerHub, 'index.docker.io', 'registry-1.docker.io'];
const maxHostLength = 253;
const form =
  'a host name, IPv4 address or [IPv6 address], and :port when needed, such as ghcr.io or localhost:5000';

/**
 * Reads the registry part of a reference, `host[:port]`, in lower case; the hosts of Docker Hub become `docker.io`.
 * `text`: the whole reference, for messages. Throws FormatError when it is not a host, or its port is not from 1 to
 * 65535.
 */
export function parseRegistry(registry: string, text: string): string {
  const flaw = registryFlaw(registry);
  if (flaw !== undefined) {
    throw new FormatError(`registry ${quote(registry)} of ${quote(text)} ${flaw}`, form);
  }
  return canonicalRegistry(registry);
}

/** A registry in lower case, with `docker.io` for every host of Docker Hub. */
export function canonicalRegistry(registry: string): string {
  const lower = registry.toLowerCase();
  return dockerHubHosts.includes(lower) ? dockerHub : lower;
}

function registryFlaw(registry: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]{0,20}:\/\//i.test(registry)) return 'is a URL: remove the part up to "//"';
  const { host, port } = splitPort(registry);
  if (port !== undefined && !isPort(port)) return 'has a port that is not a number from 1 to 65535';
  if (host.length > maxHostLength)
    return `has a host of ${host.length} characters: at most ${maxHostLength} are allowed`;
  if (host.startsWith('[')) return isIpv6(host) ? undefined : 'is not an IPv6 address in brackets';
  if (!host.split('.').every(isHostLabel)) return 'is not a host name';
  return URL.canParse(`https://${registry}`) ? undefined : 'is not a host name or address';
}

function splitPort(registry: string): { host: string; port?: string } {
  const colon = registry.lastIndexOf(':');
  if (colon < 0 || registry.endsWith(']')) return { host: registry };
  return { host: registry.slice(0, colon), port: registry.slice(colon + 1) };
}

function isPort(port: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65535;
}

function isHostLabel(label: string): boolean {
  return label.length <= 63 && /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label);
}

function isIpv6(host: string): boolean {
  return /^\[[0-9A-Fa-f:]{2,39}\]$/.test(host) && URL.canParse(`https://${host}`);
}
