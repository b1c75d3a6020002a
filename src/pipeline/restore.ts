import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import type { RegistryClient } from '../registry/client.ts';
import { ActionError } from '../registry/errors.ts';
import type { PushedTag } from './push.ts';
import type { TargetTag } from './request.ts';

/** What became of a tag that was to go back. */
export interface RestoredTag extends TargetTag {
  /** In words, for the error's list. */
  readonly state: string;
}

/**
 * Puts tags that this run moved back to the digest they had, provided they still hold ours.
 * A tag that this run created stays: registries have no common way to remove only a tag. Never throws for a
 * registry's failure: what could not be done is the tag's state.
 */
export function restoreTags(
  manifest: Manifest,
  pushed: readonly PushedTag[],
  parts: { readonly client: RegistryClient },
): Promise<readonly RestoredTag[]> {
  return Promise.all(
    pushed.map(async ({ repository, tag, previous, state }) => {
      const target = { repository, tag };
      if (state === 'unchanged') return { ...target, state: `unchanged, holds ${manifest.digest}` };
      if (previous === undefined) return { ...target, state: `created, holds ${manifest.digest}` };
      return { ...target, state: await restore(manifest, target, previous, parts.client) };
    }),
  );
}

async function restore(
  manifest: Manifest,
  target: TargetTag,
  previous: Digest,
  client: RegistryClient,
): Promise<string> {
  const { repository, tag } = target;
  try {
    const held = await client.headManifest(repository, tag);
    if (held?.digest !== manifest.digest)
      return `holds ${held?.digest ?? 'nothing'}, which someone else pushed`;
    const before = await client.getManifest(repository, previous);
    await client.putManifest(repository, tag, before);
    return `put back to ${previous}`;
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return `moved to ${manifest.digest} and could not be put back to ${previous}: ${error.message}`;
  }
}
