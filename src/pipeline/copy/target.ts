import { formatRepository, type Repository } from '../../oci/reference.ts';
import { withContext } from '../../run/errors.ts';
import { formatRate } from '../byte-size.ts';
import type { RunContext } from '../run-context.ts';
import type { BlobCopier } from './blobs.ts';
import { type Content, flattened } from './content.ts';
import { type BlobCounts, describeCounts } from './counts.ts';
import { ManifestCopier } from './manifests.ts';
import { ReferrerCopier, type WantedReferrers } from './referrers.ts';

/** The result of copying to one repository. */
export interface CopyResult extends BlobCounts {
  readonly repository: Repository;
  /** Manifests that the repository did not have, also those of referrers. */
  readonly manifests: number;
  /** Signatures, attestations and other referrers that were copied. */
  readonly referrers: number;
  readonly milliseconds: number;
}

/**
 * Copies contents with everything under them to the repository of `blobs`, and their referrers if these are wanted.
 * Errors name the repository and the content.
 */
export async function copyToTarget(
  contents: readonly Content[],
  blobs: BlobCopier,
  wanted: WantedReferrers | undefined,
  context: RunContext,
): Promise<CopyResult> {
  const repository = blobs.target;
  const name = formatRepository(repository);
  const manifests = new ManifestCopier(blobs, context);
  try {
    const referrers = await copyAll(contents, manifests, wanted, context);
    const { copied } = manifests;
    const result = { ...blobs.counts, manifests: copied, referrers, milliseconds: blobs.elapsed, repository };
    if (copied > 0) context.observer.info(`Copied to ${name} in total: ${describeResult(result)}`);
    return result;
  } catch (error) {
    throw withContext(`Copying to ${name} failed`, error);
  }
}

async function copyAll(
  contents: readonly Content[],
  manifests: ManifestCopier,
  wanted: WantedReferrers | undefined,
  context: RunContext,
): Promise<number> {
  const copied = manifests.ensure(contents);
  if (wanted === undefined) {
    await copied;
    return 0;
  }
  const referrers = new ReferrerCopier(manifests, wanted, context);
  await Promise.all([copied, ...flattened(contents).map((content) => referrers.copyReferrersOf(content))]);
  await referrers.list(manifests.unlisted);
  return referrers.copied;
}

function describeResult(result: CopyResult): string {
  const { bytes, milliseconds, manifests, referrers } = result;
  const note = referrers === 0 ? '' : `, ${referrers} of them referrers`;
  const seconds = (milliseconds / 1000).toFixed(1);
  const rate = bytes === 0 ? '' : `, ${formatRate(bytes, milliseconds)}`;
  const count = `${manifests} ${manifests === 1 ? 'manifest' : 'manifests'}`;
  return `${count}${note}, ${describeCounts(result)} in ${seconds} s${rate}`;
}
