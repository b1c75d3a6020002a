import type { RunnerLog } from './log.ts';

/** Says what a cancelled step has already done, which `done` lists, and ends the process. */
export function announceCancellation(log: RunnerLog, done: () => readonly string[]): void {
  const stop = (code: number) => (): void => {
    const set = done();
    const state = set.length === 0 ? 'No tag was moved.' : `These tags were already set:\n${set.join('\n')}`;
    log.failed(`Cancelled. ${state}`, undefined);
    process.exit(code);
  };
  process.once('SIGTERM', stop(143));
  process.once('SIGINT', stop(130));
}
