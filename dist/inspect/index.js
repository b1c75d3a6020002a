import { inspect } from '../shared/index.js';
import { githubRunner } from '../shared/index.js';

await inspect(githubRunner(process.env));

// Do not wait for pending retries. Exit only after stdout, which may be a pipe, is flushed.
process.stdout.write('', () => process.exit());
