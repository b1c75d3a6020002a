import type { TagState } from '../pipeline/tag-outcome.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';

/** Reports the state of each tag when the job is cancelled. */
export function announceCancellation(
  runner: Runner,
  log: RunnerLog,
  tags: ReadonlyMap<string, TagState>,
): void {
  runner.onCancel(() => log.failed('Cancelled', `Cancelled. ${stateOf(tags)}`));
}

function stateOf(tags: ReadonlyMap<string, TagState>): string {
  const inState = (state: TagState): readonly string[] =>
    [...tags].flatMap(([name, held]) => (held === state ? [name] : []));
  const [set, underway] = [inState('set'), inState('underway')];
  if (set.length + underway.length === 0) return 'No tag was moved.';
  return [
    ...(set.length === 0 ? [] : ['These tags were already set:', ...set]),
    ...(underway.length === 0
      ? []
      : ['These tags were being written, and may or may not be set:', ...underway]),
  ].join('\n');
}
