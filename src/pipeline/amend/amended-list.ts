import { isDeepStrictEqual } from 'node:util';
import { type Descriptor, parseDescriptor } from '../../oci/descriptor.ts';
import { marshalIndent, sortedMap } from '../../oci/go-json.ts';
import { findDockerFlaw, type IndexFormat, indexEntry } from '../../oci/image-index.ts';
import { annotationsAt, type JsonObject, objectAt, parseJsonDocument } from '../../oci/json-document.ts';
import { type ImageIndex, type Manifest, parseManifest } from '../../oci/manifest.ts';
import { dockerList, isDockerType, ociIndex, ociManifest } from '../../oci/media-types.ts';
import { agreePlatform, describePlatform } from '../../oci/platform.ts';
import { formatReference } from '../../oci/reference.ts';
import { type AmendOutcome, amend } from '../../policy/amendment.ts';
import { entryRoles } from '../../policy/entry-kind.ts';
import { weightOf } from '../../registry/manifest-budget.ts';
import { isPlaceholder } from '../../registry/placeholder.ts';
import { ActionError, withContext } from '../../run/errors.ts';
import { registryStore } from '../../sources/resolve/registry-store.ts';
import type { ContentStore } from '../../sources/source.ts';
import {
  type Assembled,
  annotatedMembers,
  asBuildxWrites,
  asConflict,
  assemble,
  assembleMembers,
  descriptorOf,
  missingAnnotations,
  refuseDockerFlaws,
  warnOfTypes,
} from '../assemble.ts';
import type { TagLedger } from '../ledger.ts';
import type { PlannedList } from '../list.ts';
import { findEntryFlaw, type Member } from '../member.ts';
import type { ListRequest } from '../request.ts';
import { checkRevisions } from '../revisions.ts';
import type { RunContext } from '../run-context.ts';
import { refuseMissing } from '../selection.ts';
import { type AmendedBase, readBase, unusableBase } from './base.ts';

type AmendRules = Pick<ListRequest, 'annotations' | 'format' | 'platforms' | 'missingPlatforms'>;

/**
 * The list that the tags hold with the planned members added by policy/amendment; a new list if no tag exists. An entry
 * that stays keeps its JSON value, and its manifest must exist in the repository as the entry states it. When nothing
 * changes, the manifest is the one that the tags hold. Throws ConflictError, and SourceError PLATFORM_MISSING for a
 * platform that no source and no tag supplies.
 */
export async function amendList(
  list: PlannedList,
  ledger: TagLedger,
  context: RunContext,
): Promise<Assembled> {
  const { tags, platforms, missingPlatforms, revisionMismatch } = list.request;
  const base = await readBase(tags, ledger, context.client);
  if (base === undefined && missingPlatforms === 'refuse') refuseMissing(list.members, platforms);
  const amended = base === undefined ? assemble(list, context) : await amendBase(base, list, context);
  checkRevisions(amended.members, revisionMismatch, context);
  return amended;
}

async function amendBase(base: AmendedBase, list: PlannedList, context: RunContext): Promise<Assembled> {
  const { content } = base.manifest;
  const own = content.kind === 'index' ? content.annotations : undefined;
  const { annotations } = list.request;
  const index = missingAnnotations(annotations, own);
  const rules = { ...list.request, annotations: { index, entries: annotations.entries } };
  const incoming = annotatedMembers(list, rules.annotations);
  const amended =
    content.kind === 'index'
      ? await amendIndex(base, content, incoming, rules, context)
      : amendImage(base, incoming, rules, context);
  if (rules.missingPlatforms === 'refuse') refuseMissing(amended.members, rules.platforms);
  warnOfTypes(amended, list.request, context.observer);
  return amended;
}

function amendImage(base: AmendedBase, incoming: readonly Member[], rules: AmendRules, context: RunContext) {
  const image = baseImage(base, context);
  const before = { kind: 'image', descriptor: image.descriptor } as const;
  const { entries, outcomes } = amend(before, incoming.map(descriptorOf));
  logOutcomes(outcomes, base, context);
  const members = entries.flatMap(
    (entry) => [...incoming, image].find(({ descriptor }) => descriptor === entry) ?? [],
  );
  return assembleMembers(members, { annotations: rules.annotations.index }, { ...rules, index: 'always' });
}

function baseImage({ tag, manifest, config }: AmendedBase, { client, clock }: RunContext): Member {
  const { mediaType, digest, size } = manifest;
  const platform = config?.platform;
  const agreed = platform && agreePlatform({}, platform);
  return {
    descriptor: { mediaType, digest, size, ...(platform === undefined ? {} : { platform }) },
    manifest,
    store: registryStore(client, tag.repository, { wait: 0, clock }),
    label: formatReference(tag),
    line: 0,
    suppliedBy: 'image',
    kind: 'image',
    platformSource: 'config',
    normalized: agreed?.kind === 'agreed' ? agreed.normalized : undefined,
    labels: config?.labels,
  };
}

async function amendIndex(
  base: AmendedBase,
  index: ImageIndex,
  incoming: readonly Member[],
  rules: AmendRules,
  context: RunContext,
): Promise<Assembled> {
  const { annotations: own = {} } = index;
  const wanted = Object.entries(rules.annotations.index);
  const annotations = Object.fromEntries(wanted.filter(([key, value]) => own[key] !== value));
  // Entries that stay keep their form: only new entries must fit the format of the base.
  const isDocker =
    isDockerType(base.manifest.mediaType) &&
    findDockerFlaw(incoming.map(descriptorOf), { annotations }) === undefined;
  const format = rules.format === 'auto' ? (isDocker ? 'docker' : 'oci') : rules.format;
  const added = format === 'oci' ? incoming.map(asBuildxWrites) : incoming;
  context.client.budget.hold(`the document of ${base.manifest.digest}`, weightOf(base.manifest));
  const document = objectAt(parseJsonDocument(base.manifest.bytes), 'the manifest');
  const { entries, outcomes, change } = amend({ kind: 'list', document }, added.map(descriptorOf));
  logOutcomes(outcomes, base, context);
  const members = await membersOf(entries, added, base, context);
  if (rules.format === 'docker') refuseDockerFlaws(members, index, rules);
  const ours = new Set<object>(added.map(descriptorOf));
  const values = entries.map((entry) => (ours.has(entry) ? indexEntry(entry as Descriptor, format) : entry));
  const manifest = amendedDocument(document, { entries: values, annotations, format });
  const isAnnotated = Object.keys(annotations).length > 0;
  const isSame = change === 'same' && !isAnnotated && manifest.mediaType === base.manifest.mediaType;
  return { manifest: isSame ? base.manifest : manifest, members };
}

interface DocumentChange {
  /** All entries as JSON values, in order. */
  readonly entries: readonly object[];
  /** Annotations of the list that are added or changed. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly format: IndexFormat;
}

/**
 * A list with its entries replaced: all other fields, also unknown ones, keep their JSON value and position. The text
 * has the layout that the tools of the format write, see assembleIndex. Throws ConflictError when the result is not a
 * manifest, or larger than registries accept.
 */
function amendedDocument(base: JsonObject, change: DocumentChange): Manifest {
  try {
    const fields = new Map<string, unknown>([
      ['schemaVersion', 2],
      ['mediaType', mediaTypeOf(base, change)],
      ...Object.entries(base).filter(([key]) => key !== 'schemaVersion' && key !== 'mediaType'),
      ['manifests', change.entries],
    ]);
    if (Object.keys(change.annotations).length > 0) {
      const own = annotationsAt(base['annotations'], 'annotations');
      fields.set('annotations', sortedMap({ ...own, ...change.annotations }));
    }
    const text = marshalIndent(fields, change.format === 'docker' ? '   ' : '  ');
    return parseManifest(new TextEncoder().encode(text), undefined);
  } catch (error) {
    throw asConflict(error);
  }
}

function mediaTypeOf({ mediaType }: JsonObject, { format, entries }: DocumentChange): string {
  if (format === 'oci') return ociIndex;
  if (typeof mediaType === 'string' && isDockerType(mediaType)) return mediaType;
  // As docker does for a new list.
  const [first] = entries;
  return first !== undefined && 'mediaType' in first && first.mediaType === ociManifest
    ? ociIndex
    : dockerList;
}

// An entry that a source supplies exactly as in the tag also belongs to the source.
async function membersOf(
  entries: readonly JsonObject[],
  added: readonly Member[],
  base: AmendedBase,
  context: RunContext,
): Promise<readonly Member[]> {
  const store = registryStore(context.client, base.tag.repository, { wait: 0, clock: context.clock });
  const descriptors = entries.map((value, at) => parseDescriptor(value, `manifests[${at}]`));
  const own = descriptors.map((descriptor) =>
    added.find((member) => isDeepStrictEqual(member.descriptor, descriptor)),
  );
  const manifests = await Promise.all(
    descriptors.map((descriptor, at) => own[at]?.manifest ?? readKept(descriptor, base.tag, store)),
  );
  const listed = descriptors.map((descriptor, at) => ({ descriptor, manifest: manifests[at] as Manifest }));
  const roles = entryRoles(listed);
  const kept = { store, label: formatReference(base.tag), line: 0, suppliedBy: 'index' } as const;
  return listed.map((entry, at) => own[at] ?? { ...kept, ...entry, ...(roles[at] ?? { kind: 'image' }) });
}

async function readKept(entry: Descriptor, tag: AmendedBase['tag'], store: ContentStore): Promise<Manifest> {
  const { digest, size, platform } = entry;
  const name = platform === undefined ? digest : `${describePlatform(platform)} (${digest})`;
  const manifest = await store.getManifest(digest, size).catch((error: unknown) => {
    const isMissing = error instanceof ActionError && error.code === 'NOT_FOUND';
    if (!isMissing) throw withContext(formatReference(tag), error);
    throw unusableBase(tag, `its entry ${name} is not in the repository`, error);
  });
  if (isPlaceholder(manifest))
    throw unusableBase(tag, `its entry ${name} is a placeholder that the removal of a staging tag left`);
  const flaw = findEntryFlaw(entry, manifest);
  if (flaw !== undefined) throw unusableBase(tag, `it lists ${digest} ${flaw}`);
  return manifest;
}

function logOutcomes(outcomes: readonly AmendOutcome[], { tag }: AmendedBase, { observer }: RunContext) {
  observer.info(`Amending ${formatReference(tag)}:`);
  for (const outcome of outcomes) observer.info(describeOutcome(outcome));
}

function describeOutcome(outcome: AmendOutcome): string {
  const { entry, kind } = outcome;
  const platform = entry.platform === undefined ? 'no platform' : describePlatform(entry.platform);
  return `${platform}  ${entry.digest}  ${kind === 'replaced' ? `replaced by ${outcome.by.digest}` : kind}`;
}
