/** The publishing action's entry, for scenarios that would take minutes at its usual pace. */
import { reportFailure } from '../../src/actions/failure.ts';
import { RunnerLog } from '../../src/actions/log.ts';
import { publish } from '../../src/actions/publish.ts';
import { hurried } from './hurry.ts';

const log = new RunnerLog();

await publish(log, hurried).catch((error: unknown) => reportFailure(error, log));
