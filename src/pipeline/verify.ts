import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatReference } from '../oci/reference.ts';
import type { RegistryClient } from '../registry/client.ts';
import { ActionError, IntegrityError, messageOf, RegistryError, VerifyError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { referenceOf, type TargetTag } from './request.ts';
import type { PushedTag } from './tag-outcome.ts';

/** What the verification uses. */
export interface VerifyParts {
  readonly client: RegistryClient;
  readonly observer: Observer;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How long, in milliseconds, a tag may still show what it held before. */
const staleTimeout = 30_000;
/** How long it may show yet another manifest, as a replica far behind does, until another run is held to have set it. */
const conflictTimeout = 4_000;

/** What the read-back came to. */
export interface Verified {
  /** What the registry served for the first tag it could be read from; else what was pushed. */
  readonly served: Manifest;
  /** `confirmed`: some tag could not be read back, but the registry had named our digest when it was pushed. */
  readonly state: 'read' | 'confirmed';
}

/**
 * Reads every tag back and compares bytes. A tag that still shows its old manifest is looked at again. One that
 * stays stale although the registry confirmed the push and serves it by digest gives a warning, and so does one
 * that cannot be read at all after the registry named our digest for it; anything else throws VerifyError or what
 * made the read fail, for every such tag. Nothing is written again: meanwhile the tag may be another run's.
 */
export async function verifyTags(
  manifest: Manifest,
  tags: readonly PushedTag[],
  parts: VerifyParts,
): Promise<Verified> {
  const settled = await Promise.allSettled(tags.map((tag) => verifyOrBelieve(manifest, tag, parts)));
  const errors = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (errors.length > 0) throw failureOf(errors);
  const served = settled.flatMap((each) => (each.status === 'fulfilled' ? (each.value ?? []) : []));
  parts.observer.info(`Read back ${served.length} of ${tags.length} tags: ${manifest.digest}`);
  return { served: served[0] ?? manifest, state: served.length === tags.length ? 'read' : 'confirmed' };
}

function failureOf(errors: readonly unknown[]): unknown {
  const [first, ...others] = errors;
  if (!(first instanceof ActionError) || others.length === 0) return first;
  const messages = errors.map(messageOf);
  return new VerifyError(first.code, messages.join('\n'), { hint: first.hint, cause: first });
}

// The push stands, and a step that fails after it would say otherwise.
async function verifyOrBelieve(
  manifest: Manifest,
  tag: PushedTag,
  parts: VerifyParts,
): Promise<Manifest | undefined> {
  try {
    return await verifyTag(manifest, tag, parts);
  } catch (error) {
    if (!isUnreadable(error) || tag.proof !== 'digest') throw error;
    const name = formatReference(referenceOf(tag));
    parts.observer.warning(
      `${name} could not be read back, though the registry confirmed ${manifest.digest}: ${error.message}`,
    );
    return undefined;
  }
}

// Wrong bytes, or another list than ours, are no failure to read.
function isUnreadable(error: unknown): error is ActionError {
  if (error instanceof VerifyError || error instanceof IntegrityError || isBadManifest(error)) return false;
  return error instanceof ActionError;
}

function isBadManifest(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.code === 'BAD_MANIFEST';
}

async function verifyTag(manifest: Manifest, tag: PushedTag, parts: VerifyParts): Promise<Manifest> {
  const look = await lookUntilOurs(manifest, tag, parts);
  return look.served ?? staleTag(manifest, tag, look.held, parts);
}

interface TagReport {
  /** Our manifest, as the tag served it. */
  readonly served?: Manifest;
  /** What the tag served last, when that was not ours. */
  readonly held?: Digest | undefined;
}

async function lookUntilOurs(manifest: Manifest, tag: PushedTag, parts: VerifyParts): Promise<TagReport> {
  const start = parts.now();
  for (let pause = 250; ; pause = Math.min(pause * 2, 5000)) {
    const served = await lookAt(tag, parts);
    const held = served instanceof RegistryError ? undefined : served?.digest;
    if (served !== undefined && !(served instanceof RegistryError) && held === manifest.digest)
      return { served };
    const strange = strangeTo(manifest, tag, served);
    const isOver = parts.now() + pause > start + (strange === undefined ? staleTimeout : conflictTimeout);
    if (isOver && strange !== undefined) throw strange;
    if (isOver) return { held };
    await parts.sleep(pause);
  }
}

type TagReading = Manifest | undefined | RegistryError;

async function lookAt(tag: PushedTag, { client }: VerifyParts): Promise<TagReading> {
  try {
    return await client.findManifest(tag.repository, tag.tag);
  } catch (error) {
    if (isBadManifest(error)) return error;
    throw error;
  }
}

// Neither what was there nor ours: another run published the tag after us, or what it serves is no manifest.
function strangeTo(manifest: Manifest, tag: PushedTag, served: TagReading): ActionError | undefined {
  if (served instanceof RegistryError) return served;
  if (served === undefined || served.digest === tag.previous || isPreviousUnknown(tag)) return undefined;
  return overtaken(manifest, tag, served.digest);
}

// Whatever such a tag shows may be what it held before.
function isPreviousUnknown(tag: PushedTag): boolean {
  return tag.state === 'moved' && tag.previous === undefined;
}

async function staleTag(
  manifest: Manifest,
  tag: TargetTag,
  held: Digest | undefined,
  parts: VerifyParts,
): Promise<Manifest> {
  const name = formatReference(referenceOf(tag));
  const byDigest = await parts.client.findManifest(tag.repository, manifest.digest);
  if (byDigest === undefined) {
    throw new VerifyError(
      'NOT_SERVED',
      `${name} holds ${held ?? 'nothing'} although the registry accepted ${manifest.digest}`,
      {
        hint: 'The registry does not serve what it accepted. Run the job again, and ask whoever runs the registry.',
      },
    );
  }
  parts.observer.warning(
    `${name} still shows ${held ?? 'nothing'} ${staleTimeout / 1000} s after the registry accepted ${manifest.digest}, which it serves by digest. A replica or cache of it is slow.`,
  );
  return byDigest;
}

function overtaken(manifest: Manifest, tag: TargetTag, held: Digest): VerifyError {
  const name = formatReference(referenceOf(tag));
  return new VerifyError(
    'OVERTAKEN',
    `${name} was set to ${manifest.digest}, but now holds ${held}: something else pushed it meanwhile`,
    {
      hint: 'Let only one job at a time publish a tag: give the jobs a `concurrency:` group.',
    },
  );
}
