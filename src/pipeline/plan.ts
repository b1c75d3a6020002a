import { layersSize } from '../oci/manifest.ts';
import { isDockerType } from '../oci/media-types.ts';
import { describePlatform } from '../oci/platform.ts';
import { formatRepository, type Repository, sameRepository } from '../oci/reference.ts';
import { ActionError, SourceError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { resolveSource } from '../sources/resolve/resolve.ts';
import type { Resolved, SourceContext, SourceLine } from '../sources/source.ts';
import { formatBytes } from './byte-size.ts';
import { type Member, membersOf } from './member.ts';
import type { PublishRequest, TargetTag } from './request.ts';
import { selectMembers } from './selection.ts';

/** Everything that is known before anything is written. */
export interface Plan {
  /** What the source lines came to, in their order. */
  readonly resolvedSources: readonly Resolved[];
  /** The entries of the index, in order. */
  readonly members: readonly Member[];
  readonly targets: readonly Target[];
}

/** A repository to write to, and the tags to set there. */
export interface Target {
  readonly repository: Repository;
  readonly tags: readonly string[];
}

/** Resolves every source, only reading; throws SourceError or ConflictError that names every line at fault. */
export async function makePlan(
  request: PublishRequest,
  context: SourceContext,
  observer: Observer,
): Promise<Plan> {
  const resolved = await allOf(request.sources.map((line) => resolveLine(line, context)));
  const roots = resolved.flatMap((line) => line.roots);
  const all = resolved.flatMap((line) => line.members);
  const members = isSoleList(roots, request) ? all : selectMembers(all, request);
  for (const member of members) observer.info(describeMember(member));
  warnOfMixedTypes(members, observer);
  return { resolvedSources: roots, members, targets: targetsOf(request.tags) };
}

// Waits for all, so that one run tells of every line at fault and leaves no request behind.
async function allOf<T>(lines: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(lines);
  const errors = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (errors.length > 0) throw joined(errors);
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** Most lines at fault that are told one by one. */
const maxListed = 10;

function joined(errors: readonly unknown[]): unknown {
  const bug = errors.find((error) => !(error instanceof ActionError));
  const [first, ...others] = errors.filter((error) => error instanceof ActionError);
  if (bug !== undefined || first === undefined) return bug;
  // What is wrong with a host is wrong for all its sources, and told once.
  const reasons = new Map<string, string>();
  for (const error of [first, ...others]) {
    if (!reasons.has(reasonOf(error))) reasons.set(reasonOf(error), error.message);
  }
  const messages = [...reasons.values()];
  if (messages.length === 1) return first;
  const more = messages.length > maxListed ? [`and ${messages.length - maxListed} more`] : [];
  const text = [`${messages.length} sources cannot be used:`, ...messages.slice(0, maxListed), ...more].join(
    '\n',
  );
  return new SourceError(first.code, text, { hint: first.hint, cause: first });
}

// One list and nothing asked of it: whatever it holds, also twice, is what is to be tagged.
function isSoleList(roots: readonly Resolved[], request: PublishRequest): boolean {
  const [root, ...others] = roots;
  if (root?.manifest.content.kind !== 'index' || others.length > 0) return false;
  const isDeclared = Object.keys(root.line.declared).length > 0;
  const isFiltered = request.platforms.length > 0 || request.attestations === 'drop';
  return !isDeclared && !isFiltered && request.duplicatePlatforms === 'error';
}

function reasonOf(error: ActionError): string {
  return error.cause instanceof ActionError ? error.cause.message : error.message;
}

interface ResolvedLine {
  readonly roots: readonly Resolved[];
  readonly members: readonly Member[];
}

async function resolveLine(line: SourceLine, context: SourceContext): Promise<ResolvedLine> {
  const roots = await resolveSource(line, context);
  const members = await Promise.all(roots.map(membersOf));
  return { roots, members: members.flat() };
}

/** The repositories of some tags, each once, in order of first appearance. */
export function targetsOf(tags: readonly TargetTag[]): readonly Target[] {
  const targets: { repository: Repository; tags: string[] }[] = [];
  for (const { repository, tag } of tags) {
    const known = targets.find((target) => sameRepository(target.repository, repository));
    if (known === undefined) targets.push({ repository, tags: [tag] });
    else known.tags.push(tag);
  }
  return targets;
}

function describeMember(member: Member): string {
  const { descriptor, manifest, label } = member;
  if (member.attestationSubject !== undefined)
    return `attestation ${descriptor.digest} of ${member.attestationSubject}`;
  const platform = descriptor.platform === undefined ? 'no platform' : describePlatform(descriptor.platform);
  const size = manifest.content.kind === 'image' ? layersSize(manifest.content) : 0;
  return `${platform}  ${descriptor.digest}  ${formatBytes(size)} of layers  ${label}`;
}

// Quay and Google's registries refuse such lists; others take them.
function warnOfMixedTypes(members: readonly Member[], observer: Observer): void {
  const docker = members.filter((member) => isDockerType(member.descriptor.mediaType));
  if (docker.length === 0 || docker.length === members.length) return;
  const labels = [...new Set(docker.map((member) => member.label))].join(', ');
  observer.warning(
    `Docker and OCI images are mixed in one list (Docker: ${labels}). Some registries refuse that; build all of them with the same exporter.`,
  );
}

/** The repository that every target shares, or undefined when there are several. */
export function soleRepository(tags: readonly TargetTag[]): Repository | undefined {
  const [first, ...others] = targetsOf(tags);
  return others.length === 0 ? first?.repository : undefined;
}

/** A target's name for messages. */
export function targetName(target: Target): string {
  return formatRepository(target.repository);
}
