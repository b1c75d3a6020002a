import { type ImageIndex, layersSize } from '../oci/manifest.ts';
import { isDockerType } from '../oci/media-types.ts';
import {
  attestationPlatform,
  describePlatform,
  formatPlatform,
  isAskedPlatform,
  type Platform,
  samePlatform,
} from '../oci/platform.ts';
import { rightSpelling } from '../oci/platform-names.ts';
import { describeArtifact } from '../policy/artifact-name.ts';
import { ActionError, type Combine, combined, SourceError, waitForAll } from '../run/errors.ts';
import { listed } from '../run/finding.ts';
import { resolveSource } from '../sources/resolve/resolve.ts';
import { type Resolved, type SourceContext, type SourceLine, wholeManifest } from '../sources/source.ts';
import { formatBytes } from './byte-size.ts';
import { type PlannedList, targetsOf } from './list.ts';
import { digestsOf, type Member, membersOf, platformOf } from './member.ts';
import { onePerPlatform, slotName } from './one-per-platform.ts';
import type { ListRequest } from './request.ts';
import { checkRevisions } from './revisions.ts';
import type { RunContext } from './run-context.ts';
import { isWanted, selectMembers } from './selection.ts';

/** The result for one source line: its images, or why it cannot be used. */
export type SourceOutcome = readonly Member[] | { readonly error: unknown };

/** Called for each source line when it is resolved, or cannot be. */
type OnSource = (line: SourceLine, outcome: SourceOutcome) => void;

/** Resolves every source of a list, and only reads; throws SourceError or ConflictError that names every wrong line. */
export async function planList(
  request: ListRequest,
  sources: SourceContext,
  { observer }: Pick<RunContext, 'observer'>,
  onSource: OnSource = () => undefined,
): Promise<PlannedList> {
  const lines = await waitForAll(
    request.sources.map((line) => resolveLine(line, sources, request, onSource)),
    combineLines,
  );
  const resolvedSources = lines.flatMap((line) => line.resolvedSources);
  warnOfMismatches(
    lines.flatMap((line) => line.mismatches),
    request,
    observer,
  );
  const all = lines.flatMap((line) => line.members);
  // The content of the tags may supply the other platforms.
  const rules = request.base === 'amend' ? ({ ...request, missingPlatforms: 'allow' } as const) : request;
  const isSoleSource = isSoleList(resolvedSources, request);
  if (isSoleSource) warnOfDuplicates(all, observer);
  const selected = isSoleSource ? all : selectMembers(all, rules, observer);
  const [only, ...others] = selected;
  const isSole = only !== undefined && others.length === 0;
  // The manifest of a sole image may be tagged itself.
  const members = isSole ? [{ ...only, manifest: await wholeManifest(only) }] : selected;
  // Of an amended list, the images that it keeps count, too.
  if (request.base === 'replace') checkRevisions(members, request.revisionMismatch, { observer });
  return { request, resolvedSources, members, targets: targetsOf(request.tags) };
}

function warnOfDuplicates(members: readonly Member[], observer: RunContext['observer']): void {
  const images = members.filter(({ kind }) => kind === 'image');
  const digests = digestsOf(onePerPlatform(images, 'first').kept.keys());
  const hidden = images.filter(({ descriptor }) => !digests.has(descriptor.digest));
  const [image] = hidden;
  if (image === undefined) return;
  const platforms = listed([...new Set(hidden.map(slotName))], maxListed);
  observer.warning(
    `${image.label} has several images for ${platforms}: clients get the first. To publish one for each platform, set \`duplicate-platforms\` to \`first\` or \`last\`.`,
  );
}

/** Logs the entries of a list, and warns of types that some registries refuse to take together. */
export function logPlan({ members }: PlannedList, observer: RunContext['observer']): void {
  for (const member of members) observer.info(describeMember(member));
  warnOfDockerZstd(members, observer);
  warnOfUnasked(members, observer);
}

function warnOfUnasked(members: readonly Member[], observer: RunContext['observer']): void {
  const others = members.filter(({ kind, descriptor: { platform } }) => {
    const isKnown = platform === undefined || isAskedPlatform(platform);
    return kind === 'image' && !isKnown && !samePlatform(platform, attestationPlatform);
  });
  if (others.length === 0) return;
  const named = others.map((member) => `${platformOf(member)} (${member.label})`);
  const [meant] = others.flatMap(
    ({ descriptor: { platform } }) => (platform && askedInstead(platform)) ?? [],
  );
  const remedy =
    meant &&
    ` If ${meant} is meant, write \`${meant}\` behind the source and set \`platform-mismatch: warn\`.`;
  const names = listed(named, maxListed);
  observer.warning(`Nobody pulls ${names}: no client asks for such a platform.${remedy ?? ''}`);
}

// A variant or the name of an architecture may be a slip.
function askedInstead({ variant, ...rest }: Platform): string | undefined {
  const isOther = variant !== undefined && isAskedPlatform(rest);
  return isOther ? formatPlatform(rest) : rightSpelling(rest.os, rest.architecture, variant);
}

/** Most messages that are listed. */
const maxListed = 10;

/** The failures of several source lines as one error: a failure of a host, which affects all its sources, once. */
export const combineLines: Combine = (failures) => {
  const [first] = failures;
  const reasons = failures.map(({ cause, message }) =>
    cause instanceof ActionError ? cause.message : message,
  );
  const distinct = failures.filter((_, at) => reasons.indexOf(reasons[at] ?? '') === at);
  if (distinct.length === 1) return first;
  const text = [`${distinct.length} sources cannot be used:`, ...messagesOf(distinct)].join('\n');
  return new SourceError(first.code, text, { hint: first.hint, cause: first });
};

/** The index, with its source, if that is the only source. */
export function soleIndexOf(
  resolvedSources: readonly Resolved[],
): { readonly source: Resolved; readonly index: ImageIndex } | undefined {
  const [source, ...others] = resolvedSources;
  if (source === undefined || others.length > 0) return undefined;
  const { content } = source.manifest;
  return content.kind === 'index' ? { source, index: content } : undefined;
}

// A single list that the request does not change is tagged with all that it holds, also with platforms held twice.
function isSoleList(resolvedSources: readonly Resolved[], request: ListRequest): boolean {
  const source = soleIndexOf(resolvedSources)?.source;
  if (source === undefined || request.sources.length > 1) return false;
  const isDeclared = Object.keys(source.line.declared).length > 0;
  const isFiltered = request.platforms.length > 0 || request.attestations === 'drop';
  return !isDeclared && !isFiltered && request.duplicatePlatforms === 'error';
}

interface ResolvedLine extends Pick<PlannedList, 'resolvedSources' | 'members'> {
  /** The platforms that contradict their images, and are published. */
  readonly mismatches: readonly ActionError[];
}

async function resolveLine(
  line: SourceLine,
  sources: SourceContext,
  request: ListRequest,
  onSource: OnSource,
): Promise<ResolvedLine> {
  try {
    const resolvedSources = await resolveSource(line, sources);
    const found = await Promise.all(resolvedSources.map(membersOf));
    const members = (line.locator.kind === 'digests' ? sorted(found, request.platforms) : found).flat();
    const list = isSoleList(resolvedSources, request) ? 'tagged as it is' : 'chosen';
    const mismatches = publishedMismatches(members, list, request);
    onSource(line, members);
    return { resolvedSources, members, mismatches };
  } catch (error) {
    onSource(line, { error });
    throw error;
  }
}

// The files of a directory have no order that anybody chose.
function sorted(
  sources: readonly (readonly Member[])[],
  platforms: readonly Platform[],
): readonly (readonly Member[])[] {
  const rankOf = (members: readonly Member[]): number => {
    const rank = platforms.findIndex((platform) => members.some((member) => isWanted(member, [platform])));
    return rank < 0 ? platforms.length : rank;
  };
  return sources.toSorted((one, other) => rankOf(one) - rankOf(other));
}

// An entry of an index that is not wanted is not published, so its platform does no harm.
function publishedMismatches(
  members: readonly Member[],
  list: 'tagged as it is' | 'chosen',
  { platforms, platformMismatch }: ListRequest,
): readonly ActionError[] {
  const published = members.filter((member) => member.suppliedBy === 'image' || isWanted(member, platforms));
  const mismatches = published.flatMap(({ mismatch }) => mismatch ?? []);
  const isKept = ({ code }: ActionError) => list === 'tagged as it is' && code === 'SOURCE_NOT_AN_IMAGE';
  const refused = platformMismatch === 'warn' ? [] : mismatches.filter((error) => !isKept(error));
  if (refused.length > 0) throw combined(refused, combineLines);
  return mismatches;
}

function warnOfMismatches(
  mismatches: readonly ActionError[],
  { platformMismatch }: ListRequest,
  observer: RunContext['observer'],
): void {
  if (mismatches.length === 0) return;
  const reason = platformMismatch === 'warn' ? 'platform-mismatch is "warn"' : 'its list is tagged as it is';
  observer.warning(`${messagesOf(mismatches).join('\n')}. Published as declared, since ${reason}.`);
}

function messagesOf(failures: readonly ActionError[]): readonly string[] {
  const more = failures.length - maxListed;
  const messages = failures.slice(0, maxListed).map(({ message }) => message);
  return more > 0 ? [...messages, `and ${more} more`] : messages;
}

function describeMember(member: Member): string {
  const { descriptor, manifest, label } = member;
  if (member.kind === 'attestation')
    return `attestation ${descriptor.digest} of ${member.attestationSubject ?? 'an image that it does not name'}`;
  if (member.kind === 'artifact') return `${describeArtifact(manifest)}  ${descriptor.digest}  ${label}`;
  const platform = descriptor.platform ? describePlatform(descriptor.platform) : 'states no platform';
  const size = manifest.content.kind === 'image' ? layersSize(manifest.content) : 0;
  return `${platform}  ${descriptor.digest}  ${formatBytes(size)} of layers  ${label}`;
}

// podman and skopeo refuse the layer type, and Docker may fail: https://github.com/docker/cli/issues/5011,
// https://github.com/containers/image/pull/2906
function warnOfDockerZstd(members: readonly Member[], observer: RunContext['observer']): void {
  const found = members.filter(
    ({ manifest: { content } }) =>
      content.kind === 'image' &&
      content.layers.some(({ mediaType }) => isDockerType(mediaType) && mediaType.endsWith('.zstd')),
  );
  if (found.length === 0) return;
  const labels = [...new Set(found.map(({ label }) => label))].join(', ');
  observer.warning(
    `Docker images with zstd layers: ${labels}. The Docker format has no such layers, so podman, skopeo and other clients refuse these images. Build them with \`oci-mediatypes=true\`, for example \`outputs: type=image,compression=zstd,oci-mediatypes=true,push=true\`.`,
  );
}
