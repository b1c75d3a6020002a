import { purge } from './actions/purge.ts';
import { githubRunner } from './runner/runner.ts';

await purge(githubRunner(process.env));

// Do not wait for pending retries. Exit only when stdout, which may be a pipe, is written.
process.stdout.write('', () => process.exit());
