import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatReference } from '../oci/reference.ts';
import type { RegistryClient } from '../registry/client.ts';
import { VerifyError } from '../registry/errors.ts';
import type { Observer } from '../registry/observer.ts';
import type { PushedTag } from './push.ts';
import { referenceOf, type TargetTag } from './request.ts';

/** What the verification uses. */
export interface VerifyParts {
  readonly client: RegistryClient;
  readonly observer: Observer;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How long, in milliseconds, a tag may still show what it held before. */
const staleness = 30_000;

/**
 * Reads every tag back and compares bytes; the manifest returned is what the registry served for the first tag.
 * A tag that still shows its old manifest is looked at again, then written once more. One that stays stale
 * although the registry confirmed the push and serves it by digest gives a warning; anything else throws
 * VerifyError.
 */
export async function verifyTags(
  manifest: Manifest,
  tags: readonly PushedTag[],
  parts: VerifyParts,
): Promise<Manifest> {
  const served = await Promise.all(tags.map((tag) => verifyTag(manifest, tag, parts)));
  parts.observer.info(
    `Read back ${tags.length === 1 ? 'the tag' : `${tags.length} tags`}: ${manifest.digest}`,
  );
  return served[0] ?? manifest;
}

async function verifyTag(manifest: Manifest, tag: PushedTag, parts: VerifyParts): Promise<Manifest> {
  const first = await lookUntilOurs(manifest, tag, parts);
  if (first.served !== undefined) return first.served;
  // A write that was confirmed and yet never shows may have been lost: writing it again changes nothing else.
  await parts.client.putManifest(tag.repository, tag.tag, manifest);
  const second = await lookUntilOurs(manifest, tag, parts);
  return second.served ?? staleTag(manifest, tag, second.held, parts);
}

interface Look {
  /** Our manifest, as the tag served it. */
  readonly served?: Manifest;
  /** What the tag served last, when that was not ours. */
  readonly held?: Digest | undefined;
}

async function lookUntilOurs(manifest: Manifest, tag: PushedTag, parts: VerifyParts): Promise<Look> {
  const end = parts.now() + staleness;
  for (let pause = 250; ; pause = Math.min(pause * 2, 5000)) {
    const served = await parts.client.findManifest(tag.repository, tag.tag);
    if (served?.digest === manifest.digest) return { served };
    // Neither what was there nor ours: another run published the tag after us.
    if (served !== undefined && served.digest !== tag.previous) throw overtaken(manifest, tag, served.digest);
    if (parts.now() + pause > end) return { held: served?.digest };
    await parts.sleep(pause);
  }
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
    `${name} still shows ${held ?? 'nothing'} ${(2 * staleness) / 1000} s after the registry accepted ${manifest.digest}, which it serves by digest. A replica or cache of it is slow.`,
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
