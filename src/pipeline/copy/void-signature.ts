import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { listsIndexes } from '../../oci/manifest.ts';
import { isAttachment } from '../../policy/entry-kind.ts';
import { digestTags, listReferrers, referrerDescriptor } from '../../registry/referrers.ts';
import { ActionError, orFailure } from '../../run/errors.ts';
import type { Resolved } from '../../sources/source.ts';
import { type AssembledList, isAmended } from '../list.ts';
import { soleIndexOf } from '../plan.ts';
import type { PublishRequest } from '../request.ts';
import type { RunContext } from '../run-context.ts';

/**
 * Types of signatures of a digest: cosign's, bundles of sigstore, and notation's.
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md,
 * https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md
 */
const signatureTypes =
  /^application\/vnd\.(?:dev\.cosign\.artifact\.sig|dev\.sigstore\.bundle|cncf\.notary\.signature)(?![a-z])/;

interface ChangedList extends Pick<Resolved, 'label' | 'store'> {
  readonly digest: Digest;
  readonly published: Digest;
  /** How the published list differs, and what to do. */
  readonly change: string;
}

const flattened = 'the lists inside it are flattened. Sign the published list.';
const changedByInputs =
  'inputs such as annotations, platforms or format change the list. Sign the published list, or remove these inputs to publish the list unchanged.';

/**
 * Warns of source lists that are signed, and published changed: a signature applies to one digest. Looks for signatures
 * of a list only if it is the only source and changes, and not with `copy-referrers: false`.
 */
export async function warnOfVoidSignatures(
  lists: readonly AssembledList[],
  referrers: PublishRequest['referrers'],
  context: RunContext,
): Promise<void> {
  if (referrers === 'leave') return;
  await Promise.all(lists.flatMap(changedList).map((list) => warnIfSigned(list, context)));
}

// What is added to the list of a tag was never published as a list of its own.
function changedList(list: AssembledList): ChangedList | readonly [] {
  const sole = isAmended(list) ? undefined : soleIndexOf(list.resolvedSources);
  if (sole === undefined) return [];
  const { source, index } = sole;
  const { digest, bytes } = source.manifest;
  const published = list.manifest.digest;
  // A source may be named by its sha512 digest.
  if (published === digest || (bytes !== undefined && published === digestOf(bytes))) return [];
  const change = listsIndexes(index) ? flattened : changedByInputs;
  return { label: source.label, store: source.store, digest, published, change };
}

async function warnIfSigned(list: ChangedList, context: RunContext): Promise<void> {
  const { observer } = context;
  const { label, digest, published, change } = list;
  const found = await orFailure(isSigned(list, context));
  if (found instanceof ActionError)
    observer.info(`Could not look for signatures of ${label}, which is published changed: ${found.message}`);
  else if (found)
    observer.warning(
      `${label} is signed, but its signature is not valid for the published list (${digest} → ${published}): ${change}`,
    );
}

async function isSigned(list: ChangedList, { client, observer }: RunContext): Promise<boolean> {
  const { repository } = list.store;
  if (repository === undefined) return isSignedInLayout(list, observer);
  const [tag] = digestTags(list.digest);
  const [listed, tagged] = await Promise.all([
    listReferrers(client, repository, list.digest),
    tag === undefined ? undefined : client.headManifest(repository, tag, 'background'),
  ]);
  return tagged !== undefined || listed.some(isSignature);
}

async function isSignedInLayout({ store, digest }: ChangedList, observer: RunContext['observer']) {
  const { referrers } = store;
  if (referrers === undefined) return false;
  const [tag] = digestTags(digest);
  const tagged = tag === undefined ? undefined : await referrers.tagged(tag);
  if (tagged !== undefined && isAttachment(tagged)) return true;
  for (const entry of await referrers.list(digest, observer)) {
    // The entries of a layout do not need a type.
    if (isSignature(referrerDescriptor(await store.getManifest(entry.digest, entry.size)))) return true;
  }
  return false;
}

function isSignature({ artifactType }: Descriptor): boolean {
  return typeof artifactType === 'string' && signatureTypes.test(artifactType);
}
