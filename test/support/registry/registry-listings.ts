/** Lists of tags and referrers, in pages (OCI distribution-spec, "Listing Tags", "Listing Referrers"). */
import { manifestTypes } from '../images/manifest-document.ts';
import type { Answer, WireRequest } from '../wire/wire.ts';
import { Refusal } from './registry-errors.ts';
import { referrersOf } from './registry-manifests.ts';
import { isDigestText } from './registry-names.ts';
import type { RegistryOptions } from './registry-options.ts';
import type { RepositoryStore } from './registry-store.ts';

export interface ListCall {
  readonly request: WireRequest;
  readonly name: string;
  readonly repository: RepositoryStore;
}

export function listTags({ request, name, repository }: ListCall, options: RegistryOptions): Answer {
  const { searchParams } = request.url;
  const last = searchParams.get('last') ?? '';
  const rest = [...repository.tags.keys()].sort().filter((tag) => tag > last);
  const size = Math.min(Number(searchParams.get('n') ?? Infinity), options.pageSize ?? Infinity);
  const tags = rest.slice(0, size);
  const next = tags.length < rest.length ? `/v2/${name}/tags/list?n=${size}&last=${tags.at(-1)}` : undefined;
  return json('application/json', { name, tags }, linkTo(next));
}

export function listReferrers(call: ListCall, digest: string, options: RegistryOptions): Answer {
  if (options.referrers === false) return { status: 404, headers: {}, body: '404 page not found\n' };
  if (!isDigestText(digest)) throw new Refusal(400, 'DIGEST_INVALID', `invalid digest ${digest}`);
  const { searchParams } = call.request.url;
  const wanted = searchParams.get('artifactType');
  const all = referrersOf(call.repository, digest).filter(
    ({ artifactType }) => wanted === null || artifactType === wanted,
  );
  const start = Number(searchParams.get('start') ?? 0);
  const size = options.pageSize ?? Infinity;
  const manifests = all.slice(start, start + size);
  const more = start + manifests.length < all.length;
  const filter = wanted === null ? '' : `&artifactType=${encodeURIComponent(wanted)}`;
  const next = more
    ? `/v2/${call.name}/referrers/${digest}?start=${start + manifests.length}${filter}`
    : undefined;
  const index = { schemaVersion: 2, mediaType: manifestTypes.ociIndex, manifests };
  const filtered = wanted === null ? {} : { 'oci-filters-applied': 'artifactType' };
  return json(manifestTypes.ociIndex, index, { ...linkTo(next), ...filtered });
}

function linkTo(next: string | undefined): Record<string, string> {
  return next === undefined ? {} : { link: `<${next}>; rel="next"` };
}

function json(contentType: string, value: unknown, headers: Record<string, string>): Answer {
  return { status: 200, headers: { 'content-type': contentType, ...headers }, body: JSON.stringify(value) };
}
