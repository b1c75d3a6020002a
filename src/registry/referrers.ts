import type { HttpResponse } from '../http/message.ts';
import { redacted } from '../http/message.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.ts';
import { FormatError } from '../oci/format-error.ts';
import { assembleIndex } from '../oci/image-index.ts';
import { type Manifest, manifestLimit, parseManifest } from '../oci/manifest.ts';
import { ociIndex } from '../oci/media-types.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { RegistryError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import type { RegistryClient } from './client.ts';
import { isWebPage, registryError } from './refusal.ts';

/** The tag that lists a subject's referrers where a registry has no referrers API (OCI distribution-spec 1.1, «Referrers Tag Schema»). */
export function referrersTag(subject: Digest): string {
  return `${algorithmOf(subject)}-${encodedOf(subject).slice(0, 64)}`;
}

/** The tags that cosign hangs on an image: its signatures, attestations and bill of materials. */
export function digestTags(subject: Digest): readonly string[] {
  if (algorithmOf(subject) !== 'sha256') return [];
  return ['sig', 'att', 'sbom'].map((kind) => `${referrersTag(subject)}.${kind}`);
}

/** Pages of one list that are read; a registry that has more of them leads in circles. */
const maxPages = 64;

/** Most referrers of one digest, and most bytes of pages that list them; usual lists have a few, on one page. */
const maxReferrers = 1000;
const maxListBytes = 16 * 1024 * 1024;

/**
 * What a repository lists as referring to a digest (OCI distribution-spec 1.1, «Listing Referrers»), by the
 * referrers API or else the tag. Whether an entry really refers to it only its own manifest can tell.
 * `observer` is warned of an answer that does not say whether there is such an API, and of a list of more than
 * 64 pages, of which the rest is not read. Each digest comes once.
 * Throws RegistryError SOURCE_TOO_LARGE for more than 1000 of them, or more than 16 MiB of pages.
 */
export async function listReferrers(
  client: RegistryClient,
  repository: Repository,
  subject: Digest,
  observer?: Pick<Observer, 'warning'>,
): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  let bytes = 0;
  let target: string | undefined = `/v2/${repository.path}/referrers/${subject}`;
  for (let page = 1; target !== undefined && page <= maxPages; page += 1) {
    const response = await referrersPage(client, repository, target);
    const entries = entriesOf(response, repository, subject);
    if (entries === undefined) {
      if (page > 1 || !withoutApi.has(response.status)) observer?.warning(unlisted(response, repository));
      return page === 1 ? taggedReferrers(client, repository, subject) : [...found.values()];
    }
    for (const entry of entries) found.set(entry.digest, entry);
    bytes += response.body.byteLength;
    if (found.size > maxReferrers || bytes > maxListBytes) throw tooMany(response, repository, subject);
    target = nextPage(response);
  }
  if (target !== undefined) observer?.warning(endless(repository, subject));
  return [...found.values()];
}

function endless(repository: Repository, subject: Digest): string {
  return `${formatRepository(repository)} lists what refers to ${subject} on more than ${maxPages} pages: what only further ones name stays behind`;
}

function tooMany(response: HttpResponse, repository: Repository, subject: Digest): RegistryError {
  const failure = { method: 'GET', url: redacted(response.url), status: response.status, codes: [] };
  const message = `${formatRepository(repository)} lists more than ${maxReferrers} referrers of ${subject}, or more than 16 MiB of them`;
  return new RegistryError('SOURCE_TOO_LARGE', message, failure, {
    hint: 'To go on without signatures and other referrers, set copy-referrers to false.',
  });
}

/** Registries without the API answer in many ways. */
const withoutApi: ReadonlySet<number> = new Set([404, 405, 410]);

function unlisted({ status }: HttpResponse, repository: Repository): string {
  return `${formatRepository(repository)} does not list what refers to its images (${status}): signatures and the like that only its list could name stay behind`;
}

function referrersPage(
  client: RegistryClient,
  repository: Repository,
  target: string,
): Promise<HttpResponse> {
  return client.call({
    method: 'GET',
    repository,
    target,
    headers: { accept: ociIndex },
    maxBodyBytes: manifestLimit,
    actions: ['pull'],
    priority: 'background',
  });
}

function entriesOf(
  response: HttpResponse,
  repository: Repository,
  subject: Digest,
): readonly Descriptor[] | undefined {
  if (response.status >= 500 || response.status === 429) {
    throw registryError(response, { method: 'GET', repository, verb: 'pull from', subject });
  }
  if (response.status !== 200 || isWebPage(response)) return undefined;
  try {
    const { content } = parseManifest(response.body, ociIndex);
    return content.kind === 'index' ? content.manifests : [];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const failure = { method: 'GET', url: redacted(response.url), status: response.status, codes: [] };
    const message = `${formatRepository(repository)} lists the referrers of ${subject} in a broken way: ${error.message}`;
    throw new RegistryError('BAD_MANIFEST', message, failure, {
      hint: `Expected ${error.expected}. To go on without signatures and other referrers, set copy-referrers to false.`,
      cause: error,
    });
  }
}

// Of the links that RFC 8288 knows, those that registries write for further pages; only on their own origin.
function nextPage(response: HttpResponse): string | undefined {
  const links = response.headers.get('link')?.join(', ') ?? '';
  for (const [, target = '', parameters = ''] of links.matchAll(/<([^<>]*)>\s*;([^,<]*)/g)) {
    const url = /\brel="?next\b/i.test(parameters) ? URL.parse(target, response.url.href) : null;
    if (url?.origin === response.url.origin) return url.pathname + url.search;
  }
  return undefined;
}

async function taggedReferrers(
  client: RegistryClient,
  repository: Repository,
  subject: Digest,
): Promise<readonly Descriptor[]> {
  const held = await client.findManifest(repository, referrersTag(subject));
  const entries = entriesBeside(held, subject) ?? [];
  return [...new Map(entries.map((entry) => [entry.digest, entry])).values()];
}

// GitLab takes such a tag for a spelling of the digest and gives the subject itself.
function entriesBeside(held: Manifest | undefined, subject: Digest): readonly Descriptor[] | undefined {
  if (held === undefined) return [];
  if (held.digest === subject || held.content.kind !== 'index') return undefined;
  return held.content.manifests;
}

/** Tries to add to a tag that others may write at the same time. */
const maxRounds = 3;

/**
 * Adds referrers to the tag that lists them for a subject, and keeps what is there; for registries that did not
 * process the subject themselves. Tells `occupied` when the tag holds something else, `overwritten` when it
 * does not show them for all that.
 */
export async function addToReferrersTag(
  client: RegistryClient,
  repository: Repository,
  { subject, referrers }: { readonly subject: Digest; readonly referrers: readonly Descriptor[] },
): Promise<'listed' | 'occupied' | 'overwritten'> {
  const tag = referrersTag(subject);
  for (let round = 1; ; round += 1) {
    const held = await client.findManifest(repository, tag);
    const entries = entriesBeside(held, subject);
    if (entries === undefined) return 'occupied';
    const listed = new Set(entries.map(({ digest }) => digest));
    const missing = referrers.filter(({ digest }) => !listed.has(digest));
    if (missing.length === 0) return 'listed';
    if (round > maxRounds) return 'overwritten';
    const annotations = held?.content.annotations ?? {};
    const index = assembleIndex([...entries, ...missing], { format: 'oci', annotations });
    await client.putManifest(repository, tag, index);
  }
}

/** How the list of a subject's referrers describes one of them (OCI distribution-spec 1.1, «Listing Referrers»). */
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
