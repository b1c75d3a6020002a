import { reportFailure } from './actions/failure.ts';
import { RunnerLog } from './actions/log.ts';
import { publish } from './actions/publish.ts';

// The stages themselves are in actions/publish.ts.
const log = new RunnerLog();

await publish(log).catch((error: unknown) => reportFailure(error, log));

// What still waits to try again has nobody to answer to; stdout may be a pipe that is written in its own time.
process.stdout.write('', () => process.exit());
