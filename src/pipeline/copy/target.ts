import { formatRepository, type Repository, sameRepository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import type { Observer } from '../../run/observer.ts';
import { formatRate } from '../byte-size.ts';
import type { BlobCopier } from './blobs.ts';
import { type Content, flattened } from './content.ts';
import { type BlobCounts, describeCounts } from './counts.ts';
import { failedAt } from './failure.ts';
import { ManifestCopier } from './manifests.ts';
import type { CopyProgress } from './progress.ts';
import type { ReferrerFinder } from './referrer-finder.ts';
import { ReferrerCopier } from './referrers.ts';

/** What copying to one repository uses. */
export interface TargetCopyParts {
  readonly client: RegistryClient;
  readonly observer: Observer;
  readonly target: Repository;
  /** Finds what goes along with copied manifests; undefined when nothing is to. */
  readonly finder: ReferrerFinder | undefined;
  readonly blobs: BlobCopier;
  readonly progress: CopyProgress;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What a copy to one repository came to. */
export interface CopyResult extends BlobCounts {
  readonly repository: Repository;
  /** Manifests that the repository lacked; those of referrers count too. */
  readonly manifests: number;
  /** Signatures, attestations and other referrers that went along. */
  readonly referrers: number;
  readonly milliseconds: number;
}

/** Which contents are not in the repository itself. */
export function foreignTo(target: Repository, contents: readonly Content[]): readonly Content[] {
  return contents.filter(({ store: { repository } }) => {
    return repository === undefined || !sameRepository(repository, target);
  });
}

/** Brings contents, all under them, and what goes along to one repository; failures name it and the content. */
export async function copyToTarget(
  contents: readonly Content[],
  parts: TargetCopyParts,
): Promise<CopyResult> {
  const { blobs, progress } = parts;
  const place = formatRepository(parts.target);
  const manifests = new ManifestCopier(parts);
  try {
    const referrers = await bring(contents, manifests, parts);
    const { copied } = manifests;
    const result = { ...blobs.counts, manifests: copied, referrers, milliseconds: progress.elapsed };
    if (copied > 0) parts.observer.info(`Copied to ${place} in all: ${totalOf(result)}`);
    return { ...result, repository: parts.target };
  } catch (error) {
    throw failedAt(`Copying to ${place} failed`, error);
  }
}

async function bring(
  contents: readonly Content[],
  manifests: ManifestCopier,
  parts: TargetCopyParts,
): Promise<number> {
  const { finder } = parts;
  if (finder === undefined) {
    await manifests.ensure(contents);
    return 0;
  }
  const companions = new ReferrerCopier({ ...parts, manifests, finder });
  const brought = manifests.ensure(contents);
  await Promise.all([brought, ...flattened(contents).map((content) => companions.copyReferrersOf(content))]);
  await companions.list(manifests.unlisted);
  return companions.copied;
}

function totalOf(result: Omit<CopyResult, 'repository'>): string {
  const { bytes, milliseconds, manifests, referrers } = result;
  const along = referrers === 0 ? '' : `, ${referrers} of them referrers`;
  const seconds = (milliseconds / 1000).toFixed(1);
  const all = `${manifests} ${manifests === 1 ? 'manifest' : 'manifests'}`;
  return `${all}${along}, ${describeCounts(result)} in ${seconds} s, ${formatRate(bytes, milliseconds)}`;
}
