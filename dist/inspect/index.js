import { inspect } from '../shared/index.js';
import { githubRunner } from '../shared/index.js';

await inspect(githubRunner(process.env));

// Do not wait for pending retries. Exit only when stdout, which may be a pipe, is written.
process.stdout.write('', () => process.exit());
