import { ActionError, InputError } from '../run/errors.ts';
import type { RunnerLog } from './log.ts';

/** Makes the step fail. An error that is not an ActionError is a bug and is shown with its stack. */
export function reportFailure(error: unknown, log: RunnerLog): void {
  if (error instanceof InputError) {
    const count = error.problems.length;
    const headline = count === 1 ? 'Invalid input' : `${count} invalid inputs`;
    log.failed(`${headline}:\n${error.message}`, error.hint);
  } else if (error instanceof ActionError) {
    log.failed(`${error.message} [${error.code}]`, error.hint);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.failed(
      `This is a bug in multiarch-manifest-action. Please report it with this text.\n${text}`,
      undefined,
    );
  }
}
