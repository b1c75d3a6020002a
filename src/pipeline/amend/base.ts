import { type ImageConfig, parseConfig } from '../../oci/config.ts';
import type { Digest } from '../../oci/digest.ts';
import { FormatError } from '../../oci/format-error.ts';
import type { ImageManifest, Manifest } from '../../oci/manifest.ts';
import { isConfigType } from '../../oci/media-types.ts';
import { formatReference } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { ActionError, ConflictError, withContext } from '../../run/errors.ts';
import { TreeLimits } from '../../sources/tree-limits.ts';
import type { TagLedger } from '../ledger.ts';
import type { TargetTag } from '../request.ts';

/** The content of the tags of a list before it is amended. */
export interface AmendedBase {
  /** The first tag that holds it. */
  readonly tag: TargetTag;
  readonly manifest: Manifest;
  /** What its config states, with a platform, when the tag holds one image. */
  readonly config?: ImageConfig | undefined;
}

interface HeldTag {
  readonly tag: TargetTag;
  readonly digest: Digest;
}

/**
 * Reads the content of the tags of one list; undefined when none of them exists. A tag that does not exist yet gets the
 * same list as the others. After the run has set tags, a tag that another job has changed since is the base. Throws
 * ConflictError AMEND_TAGS when tags hold different content, and AMEND_BASE when the content cannot be amended.
 */
export async function readBase(
  tags: readonly TargetTag[],
  ledger: TagLedger,
  client: Pick<RegistryClient, 'getManifest' | 'getBlob'>,
): Promise<AmendedBase | undefined> {
  const digests = await Promise.all(tags.map((tag) => ledger.of(tag)));
  const found = tags.flatMap((tag, at) => {
    const digest = digests[at];
    if (digest === 'unknown') throw unreadable(tag, ledger);
    return digest === undefined ? [] : [{ tag, digest }];
  });
  const [first, ...others] = await candidates(found, ledger);
  if (first === undefined) return undefined;
  const different = others.find(({ digest }) => digest !== first.digest);
  if (different !== undefined) throw differentTags(first, different);
  const { tag, digest } = first;
  try {
    const manifest = await client.getManifest(tag.repository, digest);
    const { content } = manifest;
    if (content.kind === 'index') {
      new TreeLimits('it', '').enter(content, 1);
      return { tag, manifest };
    }
    return { tag, manifest, config: await configOf(tag, content, client) };
  } catch (error) {
    throw asUnusable(error, tag);
  }
}

// What another job has put on one of the tags would be lost if the list of this run took its place.
async function candidates(held: readonly HeldTag[], ledger: TagLedger): Promise<readonly HeldTag[]> {
  if (!held.some(({ tag }) => ledger.own(tag) !== undefined)) return held;
  const before = await Promise.all(held.map(({ tag }) => ledger.start.of(tag)));
  const changed = held.filter(({ tag, digest }, at) => {
    return digest !== ledger.own(tag) && digest !== before[at];
  });
  return changed.length > 0 ? changed : held.slice(0, 1);
}

async function configOf(
  { repository }: TargetTag,
  { config }: ImageManifest,
  client: Pick<RegistryClient, 'getBlob'>,
): Promise<ImageConfig> {
  const stated = isConfigType(config.mediaType)
    ? parseConfig(await client.getBlob(repository, config))
    : undefined;
  if (stated?.platform !== undefined) return stated;
  throw new FormatError('it is one image without a platform', 'a list, or an image with a platform');
}

const hint =
  'Publish the whole list once without `amend`: name a source for each platform that the tag should have.';

/** The error about the content of a tag: a list that cannot be read, or that has a missing entry. */
export function unusableBase(tag: TargetTag, flaw: string, cause?: unknown): ConflictError {
  return new ConflictError('AMEND_BASE', `${formatReference(tag)} cannot be amended: ${flaw}`, {
    hint,
    cause,
  });
}

// A failure of the network says nothing about the content.
function asUnusable(error: unknown, tag: TargetTag): unknown {
  if (error instanceof FormatError) return unusableBase(tag, error.message, error);
  if (!(error instanceof ActionError)) return error;
  if (error.code === 'MEMORY_BUDGET') return withContext(formatReference(tag), error);
  const isFlaw = ['BAD_MANIFEST', 'NOT_FOUND', 'SOURCE_TOO_LARGE'].includes(error.code);
  return isFlaw ? unusableBase(tag, error.message, error) : error;
}

function unreadable(tag: TargetTag, ledger: TagLedger): ConflictError {
  const message = `${formatReference(tag)} cannot be amended: the registry does not let this login read it`;
  return new ConflictError('AMEND_BASE', message, {
    hint: ledger.denial(tag)?.hint ?? 'Give the login permission to pull from the repository.',
  });
}

function differentTags(one: HeldTag, other: HeldTag): ConflictError {
  const [first, second] = [one, other].map(({ tag, digest }) => `${formatReference(tag)} holds ${digest}`);
  const message = `The tags to amend hold different content: ${first}, but ${second}`;
  return new ConflictError('AMEND_TAGS', message, {
    hint: 'Amend each of these tags in a separate step, or publish the whole list once without `amend`.',
  });
}
