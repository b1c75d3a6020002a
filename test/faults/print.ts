/** `npm run faults`: every class of faults at every request of every job, and what came of it as a table. */
import { shortcomings } from './expectations.ts';
import { copyFromRegistry, copyFromRepository, mainJobs, severalLists, severalRepositories } from './job.ts';
import { sweep, type Trial } from './sweep.ts';
import { renderTable } from './table.ts';

const trials: Trial[] = [];
const wrongs: string[] = [];

for (const job of [...mainJobs, severalRepositories, severalLists, copyFromRepository, copyFromRegistry]) {
  const started = performance.now();
  const swept = await sweep(job);
  trials.push(...swept.trials);
  wrongs.push(...shortcomings(swept));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${job.name}: ${swept.requests} requests, ${swept.trials.length} runs in ${seconds} s`);
}

console.log(`\n${renderTable(trials)}\n`);
for (const wrong of wrongs) console.log(wrong);
if (wrongs.length > 0) process.exitCode = 1;
