import type { TagState } from '../pipeline/tag-outcome.ts';
import type { RunnerLog } from './log.ts';

/** Says what a cancelled step has already done to which tags, and ends the process. */
export function announceCancellation(log: RunnerLog, tags: ReadonlyMap<string, TagState>): void {
  const stop = (code: number) => (): void => {
    log.failed(`Cancelled. ${stateOf(tags)}`, undefined);
    process.exit(code);
  };
  process.once('SIGTERM', stop(143));
  process.once('SIGINT', stop(130));
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
