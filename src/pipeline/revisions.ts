import { quote } from '../oci/format-error.ts';
import { describePlatform } from '../oci/platform.ts';
import { type LabelledImage, revisionMismatch } from '../policy/revision-mismatch.ts';
import { ConflictError } from '../run/errors.ts';
import { listed } from '../run/finding.ts';
import type { Member } from './member.ts';
import type { ListRequest } from './request.ts';
import type { RunContext } from './run-context.ts';

/** Maximum values in a message, and images for each of them. */
const maxListed = 5;

/** Warns, or throws ConflictError REVISION_MISMATCH, if labels say that images were built from different revisions. */
export function checkRevisions(
  members: readonly Member[],
  rule: ListRequest['revisionMismatch'],
  { observer }: Pick<RunContext, 'observer'>,
): void {
  if (rule === 'allow') return;
  const images = members.flatMap(({ kind, label: source, descriptor: { platform }, labels = {} }) => {
    return kind === 'image' ? [{ source, platform, labels }] : [];
  });
  const found = revisionMismatch(images);
  if (found === undefined) return;
  const values = [...found.values].map(([value, built]) => `${quote(value)} (${namesOf(built)})`);
  const message = `The images have different labels org.opencontainers.image.${found.label}: ${listed(values, maxListed)}`;
  if (rule === 'error') {
    throw new ConflictError('REVISION_MISMATCH', message, {
      hint: `Build all images from one ${found.label}, or set \`revision-mismatch: allow\`.`,
    });
  }
  observer.warning(`${message}. If that is intended, set revision-mismatch to "allow".`);
}

function namesOf(images: readonly (LabelledImage & { readonly source: string })[]): string {
  return listed(
    images.map(({ source, platform }) =>
      [platform ? describePlatform(platform) : [], source].flat().join(' '),
    ),
    maxListed,
  );
}
