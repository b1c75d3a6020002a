import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import type { RegistryClient } from '../registry/client.ts';
import { ActionError, messageOf } from '../run/errors.ts';
import type { TargetTag } from './request.ts';
import { type FailedTag, isRefusal, type OnTag, type PushedTag, type UntriedTag } from './tag-outcome.ts';

/** What restoring works with. */
export interface RestoreContext {
  readonly client: RegistryClient;
  readonly onTag: OnTag;
}

/** What became of a tag when others could not be set. */
export interface RestoredTag extends TargetTag {
  /** In words, for the error's list. */
  readonly state: string;
  /** Present when nothing speaks for its having been moved. */
  readonly untouched?: true;
}

/**
 * Puts tags that this run moved back to the digest they had, provided nobody else moved them meanwhile: those
 * that were set, and those whose failure leaves open whether they were. One after the other, for some registries
 * cannot take one manifest under several tags at once. A tag that this run created stays: registries have no
 * common way to remove only a tag. Never throws for a registry's failure: what could not be done is the tag's state.
 */
export async function restoreTags(
  manifest: Manifest,
  outcomes: readonly (PushedTag | FailedTag | UntriedTag)[],
  parts: RestoreContext,
): Promise<readonly RestoredTag[]> {
  const restored: RestoredTag[] = [];
  for (const outcome of outcomes) {
    // Looked at right before it is written: putting others back may have taken minutes.
    const { back, ...finding } = await lookAt(manifest, outcome, parts.client);
    const state = back === undefined ? finding.state : await putBack(back, finding.state, parts);
    restored.push({ ...finding, state });
  }
  return restored;
}

/** What a tag was found to hold, in words; with `back` it is to go back, and the words are for when that fails. */
interface TagReport extends RestoredTag {
  readonly back?: Moved | undefined;
}

type Moved = TargetTag & { readonly previous: Digest };

async function lookAt(
  manifest: Manifest,
  outcome: PushedTag | FailedTag | UntriedTag,
  client: RegistryClient,
): Promise<TagReport> {
  const { repository, tag } = outcome;
  if (!('error' in outcome) && outcome.state === 'untried')
    return { repository, tag, state: 'not created, since others could not be set' };
  const found = await ('error' in outcome
    ? findFailed(manifest, outcome, client)
    : findSet(manifest, outcome, client));
  return { repository, tag, ...found };
}

type TagReading = Omit<TagReport, keyof TargetTag>;

async function findSet(manifest: Manifest, set: PushedTag, client: RegistryClient): Promise<TagReading> {
  const { state, previous } = set;
  if (state === 'unchanged') return { state: `unchanged, holds ${manifest.digest}` };
  if (state === 'created') return { state: `created, holds ${manifest.digest}` };
  if (previous === undefined)
    return { state: `moved to ${manifest.digest}; what it held before could not be read` };
  const moved = `moved to ${manifest.digest} and could not be put back to ${previous}`;
  const held = await heldBy(set, client);
  if (held instanceof ActionError) return { state: `${moved}: ${held.message}` };
  // What it held before may be a stale answer, and to write that again changes nothing.
  if (held === manifest.digest || held === previous) return { state: moved, back: { ...set, previous } };
  return {
    state:
      held === undefined ? 'is gone: someone else removed it' : `holds ${held}, which someone else pushed`,
  };
}

async function findFailed(
  manifest: Manifest,
  failed: FailedTag,
  client: RegistryClient,
): Promise<TagReading> {
  const { previous, error } = failed;
  const reason = messageOf(error);
  // A refusal speaks of the last try; an earlier one may have taken effect without an answer.
  const held = await heldBy(failed, client);
  if (held instanceof ActionError && isRefusal(error))
    return { state: `not moved, as far as is known: ${reason}`, untouched: true };
  if (held instanceof ActionError) return { state: `not known whether it was moved: ${reason}` };
  if (held !== manifest.digest) return { state: `not moved: ${reason}`, untouched: true };
  if (previous === undefined) return { state: `created all the same, holds ${held}: ${reason}` };
  return { state: `moved all the same, and could not be put back: ${reason}`, back: { ...failed, previous } };
}

async function heldBy(target: TargetTag, client: RegistryClient): Promise<Digest | undefined | ActionError> {
  try {
    return (await client.headManifest(target.repository, target.tag))?.digest;
  } catch (error) {
    if (error instanceof ActionError) return error;
    throw error;
  }
}

async function putBack(
  { repository, tag, previous }: Moved,
  otherwise: string,
  { client, onTag }: RestoreContext,
): Promise<string> {
  try {
    const before = await client.getManifest(repository, previous);
    onTag({ repository, tag }, 'underway');
    await client.putManifest(repository, tag, before);
    onTag({ repository, tag }, 'left');
    return `put back to ${previous}`;
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return `${otherwise}: ${error.message}`;
  }
}
