import { failureOf, type HttpResponse } from '../http/message.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.ts';
import { FormatError } from '../oci/format-error.ts';
import { assembleIndex } from '../oci/image-index.ts';
import { type Manifest, manifestLimit, parseManifest } from '../oci/manifest.ts';
import { essence, ociIndex } from '../oci/media-types.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { RegistryError } from '../run/errors.ts';
import type { Finding } from '../run/finding.ts';
import type { RegistryClient } from './client.ts';
import { formatTarget, isSuccess, registryError } from './refusal.ts';

/** The tag that lists a subject's referrers where a registry has no referrers API (OCI distribution-spec 1.1, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): string {
  return `${algorithmOf(subject)}-${encodedOf(subject).slice(0, 64)}`;
}

/** The tags that cosign gives an image's signatures, attestations and bill of materials; the signatures first. */
export function digestTags(subject: Digest): readonly string[] {
  if (algorithmOf(subject) !== 'sha256') return [];
  return ['sig', 'att', 'sbom'].map((kind) => `${referrersTag(subject)}.${kind}`);
}

const without = 'To publish without signatures and other referrers, set `copy-referrers: false`.';

/** Pages of one list; a registry that has more of them leads in circles. */
const maxPages = 64;

/** Referrers of one digest, and bytes of pages that list them; usual lists have a few, on one page. */
const maxReferrers = 1000;
const maxListBytes = 16 * 1024 * 1024;

/**
 * The descriptors that a repository lists as referring to a digest (OCI distribution-spec 1.1, "Listing Referrers"),
 * by the referrers API or else the tag; each digest once. Only an entry's own manifest proves that it refers to it.
 * `lose` is told of an answer that does not say whether there is such an API, and of a list of more than 64 pages, of
 * which the rest is not read.
 * Throws RegistryError SOURCE_TOO_LARGE for more than 1000 referrers, or more than 16 MiB of pages.
 */
export async function listReferrers(
  client: RegistryClient,
  repository: Repository,
  subject: Digest,
  lose?: (finding: Finding) => void,
): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  let [pages, bytes] = [0, 0];
  for await (const response of pagesOf(client, repository, subject)) {
    const entries = entriesOf(response, repository, subject);
    if (entries === undefined) {
      if (pages > 0 || !withoutApi.has(response.status)) lose?.(unlisted(response, repository));
      return pages === 0 ? taggedReferrers(client, repository, subject) : [...found.values()];
    }
    for (const entry of entries) found.set(entry.digest, listed(entry));
    pages += 1;
    bytes += response.body.byteLength;
    if (found.size > maxReferrers || bytes > maxListBytes) throw tooMany(response, repository, subject);
    if (pages === maxPages && nextPage(response) !== undefined) {
      lose?.(endless(repository, subject));
    }
  }
  return [...found.values()];
}

// Annotations of thousands of referrers would fill the memory.
function listed({ digest, size, ...types }: Descriptor): Descriptor {
  const artifactType = essence(String(types['artifactType'] ?? ''));
  return {
    ...{ mediaType: essence(types.mediaType), digest, size },
    ...(artifactType === '' ? {} : { artifactType }),
  };
}

async function* pagesOf(
  client: RegistryClient,
  repository: Repository,
  subject: Digest,
): AsyncGenerator<HttpResponse> {
  let target: string | undefined = `/v2/${repository.path}/referrers/${subject}`;
  for (let page = 1; target !== undefined && page <= maxPages; page += 1) {
    const response: HttpResponse = await client.send({
      method: 'GET',
      repository,
      target,
      headers: { accept: ociIndex },
      maxBodyBytes: manifestLimit,
      actions: ['pull'],
      priority: 'background',
    });
    yield response;
    target = nextPage(response);
  }
}

// The subset of RFC 8288 that registries use for further pages; only on their own origin.
function nextPage(response: HttpResponse): string | undefined {
  const links = response.headers.get('link')?.join(', ') ?? '';
  for (const [, target = '', parameters = ''] of links.matchAll(/<([^<>]*)>\s*;([^,<]*)/g)) {
    const url = /\brel="?next\b/i.test(parameters) ? URL.parse(target, response.url.href) : null;
    // The whole URL: a path such as //host/x alone would lead to another host.
    if (url?.origin === response.url.origin) return url.href;
  }
  return undefined;
}

const withoutApi: ReadonlySet<number> = new Set([404, 405, 410]);

/** The entries of a page; undefined when the answer is not a page. */
function entriesOf(response: HttpResponse, repository: Repository, subject: Digest) {
  if (response.status >= 500 || response.status === 429) {
    throw registryError(response, { method: 'GET', verb: 'pull', repository, name: subject });
  }
  if (!isSuccess(response, 200)) return undefined;
  try {
    const { content } = parseManifest(response.body, ociIndex);
    return content.kind === 'index' ? content.manifests : [];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const message = `The referrers of ${formatTarget(repository, subject)} are not a valid list: ${error.message}`;
    throw new RegistryError('BAD_MANIFEST', message, failureOf('GET', response), {
      hint: `Expected ${error.expected}. ${without}`,
      cause: error,
    });
  }
}

function unlisted({ status }: HttpResponse, repository: Repository): Finding {
  const say = (names: string) =>
    `The registry does not list the referrers of images in ${names} (${status}): signatures and other referrers that only this list names stay behind`;
  return { about: formatRepository(repository), say };
}

function endless(repository: Repository, subject: Digest): Finding {
  const say = (names: string) =>
    `More than ${maxPages} pages of referrers: those on further pages of ${names} stay behind`;
  return { about: formatTarget(repository, subject), say };
}

function tooMany(response: HttpResponse, repository: Repository, subject: Digest): RegistryError {
  const message = `${formatTarget(repository, subject)} has more than ${maxReferrers} referrers, or more than 16 MiB of them`;
  return new RegistryError('SOURCE_TOO_LARGE', message, failureOf('GET', response), { hint: without });
}

async function taggedReferrers(client: RegistryClient, repository: Repository, subject: Digest) {
  const held = await client.findManifest(repository, referrersTag(subject));
  const entries = taggedEntries(held, subject) ?? [];
  return [...new Map(entries.map((entry) => [entry.digest, listed(entry)])).values()];
}

/** The entries of the list under a referrers tag; undefined when the tag holds something else. */
function taggedEntries(held: Manifest | undefined, subject: Digest): readonly Descriptor[] | undefined {
  if (held === undefined) return [];
  // GitLab reads such a tag as another spelling of the digest and serves the subject itself:
  // https://github.com/oras-project/oras-go/issues/1396
  if (held.digest === subject || held.content.kind !== 'index') return undefined;
  return held.content.manifests;
}

/** Attempts to add to a tag that others may write at the same time. */
const maxRounds = 3;

/**
 * Adds referrers to the tag that lists them for a subject, and keeps its entries; for registries that did not
 * process the subject themselves. Returns `occupied` when the tag holds something else, `overwritten` when it
 * does not list them after all attempts.
 */
export async function addToReferrersTag(
  client: RegistryClient,
  repository: Repository,
  subject: Digest,
  referrers: readonly Descriptor[],
): Promise<'listed' | 'occupied' | 'overwritten'> {
  const tag = referrersTag(subject);
  for (let round = 1; ; round += 1) {
    const held = await client.findManifest(repository, tag);
    const entries = taggedEntries(held, subject);
    if (entries === undefined) return 'occupied';
    const known = new Set(entries.map(({ digest }) => digest));
    const missing = referrers.filter(({ digest }) => !known.has(digest));
    if (missing.length === 0) return 'listed';
    if (round > maxRounds) return 'overwritten';
    const annotations = held?.content.annotations ?? {};
    const index = assembleIndex([...entries, ...missing], { format: 'oci', annotations });
    await client.putManifest(repository, tag, index);
  }
}

/** The descriptor of a referrer in the list of its subject (OCI distribution-spec 1.1, "Listing Referrers"). */
export function referrerDescriptor({ mediaType, digest, size, content }: Manifest): Descriptor {
  const configType = content.kind === 'image' ? content.config.mediaType : undefined;
  const artifactType = content.artifactType ?? configType;
  return {
    mediaType,
    digest,
    size,
    ...(content.annotations === undefined ? {} : { annotations: content.annotations }),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}
