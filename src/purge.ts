import { purge } from './actions/purge.ts';
import { githubRunner } from './runner/runner.ts';

await purge(githubRunner(process.env));

// Do not wait for pending retries. Exit only after stdout, which may be a pipe, is flushed.
process.stdout.write('', () => process.exit());
