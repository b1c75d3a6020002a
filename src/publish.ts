import { publish } from './actions/publish.ts';
import { githubRunner } from './runner/runner.ts';

// The stages are in actions/publish.ts.
await publish(githubRunner(process.env));

// Do not wait for pending retries. Exit only after stdout, which may be a pipe, is flushed.
process.stdout.write('', () => process.exit());
