import { formatReference } from '../oci/reference.ts';
import type { TagStatus } from '../pipeline/tag.ts';
import type { Run } from '../publish/run.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';

/** Reports the state of each tag of the run when the job is cancelled, after it has ended the removal of tags. */
export function announceCancellation(runner: Runner, log: RunnerLog, run: Run): void {
  runner.onCancel(async () => {
    const sources = await run.removal.removals.cancel();
    const heading = sources.length === 0 ? [] : ['Tags of sources:'];
    log.failed('Cancelled', [`Cancelled. ${stateOf(run)}`, ...heading, ...sources].join('\n'));
  });
}

function stateOf({ request, ledger }: Run): string {
  const tags = request.lists.flatMap((list) => list.tags);
  const inState = (...states: readonly TagStatus['state'][]): readonly string[] =>
    tags.filter((tag) => states.includes(ledger.status(tag).state)).map(formatReference);
  const set = inState('created', 'moved', 'overtaken');
  const underway = inState('unknown');
  const left = inState('untouched', 'restored');
  if (set.length + underway.length === 0) return 'No tag was moved.';
  return [
    ...(set.length === 0 ? [] : ['These tags were already set:', ...set]),
    ...(underway.length === 0
      ? []
      : ['These tags were being written, and may or may not be set:', ...underway]),
    ...(left.length === 0 ? [] : ['These tags were not changed:', ...left]),
  ].join('\n');
}
