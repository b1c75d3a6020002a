import { ActionError, InputError } from '../run/errors.ts';
import type { RunnerLog } from './log.ts';

/** Ends the step as failed; what is no ActionError is a bug and shown with its stack. */
export function reportFailure(error: unknown, log: RunnerLog): void {
  if (error instanceof InputError) {
    const count = error.problems.length;
    log.failed(
      `${count === 1 ? 'One input is' : `${count} things in the inputs are`} not right:\n${error.message}`,
      error.hint,
    );
  } else if (error instanceof ActionError) {
    log.failed(`${error.message} [${error.code}]`, error.hint);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.failed(
      `This is a bug of multiarch-manifest-action. Please report it with this text.\n${text}`,
      undefined,
    );
  }
}
