import { randomBytes } from 'node:crypto';

/** A tag that nobody else uses, and that says what made it. */
export function probeName(runId: string): string {
  return `multiarch-manifest-action-probe-${runId}-${randomBytes(4).toString('hex')}`;
}
