import { formatReference } from '../oci/reference.ts';
import type { TagState } from '../pipeline/tag-outcome.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Runner } from '../runner/runner.ts';
import type { Run } from './run.ts';

/** Reports the state of each tag of the run when the job is cancelled, after it has ended the removal of tags. */
export function announceCancellation(runner: Runner, log: RunnerLog, run: Run): void {
  const { request, tags, removal } = run;
  const names = request.lists.flatMap((list) => list.tags.map(formatReference));
  runner.onCancel(async () => {
    const sources = await removal.removals.cancel();
    const heading = sources.length === 0 ? [] : ['Tags of sources:'];
    log.failed('Cancelled', [`Cancelled. ${stateOf(names, tags)}`, ...heading, ...sources].join('\n'));
  });
}

function stateOf(names: readonly string[], tags: ReadonlyMap<string, TagState>): string {
  const inState = (state: TagState): readonly string[] =>
    names.filter((name) => (tags.get(name) ?? 'left') === state);
  const [set, underway, left] = [inState('set'), inState('underway'), inState('left')];
  if (set.length + underway.length === 0) return 'No tag was moved.';
  return [
    ...(set.length === 0 ? [] : ['These tags were already set:', ...set]),
    ...(underway.length === 0
      ? []
      : ['These tags were being written, and may or may not be set:', ...underway]),
    ...(left.length === 0 ? [] : ['These tags were not changed:', ...left]),
  ].join('\n');
}
