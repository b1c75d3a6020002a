import { announceCancellation } from './actions/cancellation.ts';
import { provideCredentialHelpers } from './actions/credential-helpers.ts';
import { reportFailure } from './actions/failure.ts';
import { readInputs } from './actions/inputs.ts';
import { RunnerLog } from './actions/log.ts';
import { startRun } from './actions/run.ts';
import { assemble } from './pipeline/assemble.ts';
import { copyContent } from './pipeline/copy.ts';
import { untouchedTags } from './pipeline/dry-run.ts';
import { makePlan } from './pipeline/plan.ts';
import { purgeAfterPush } from './pipeline/purge.ts';
import { pushTags } from './pipeline/push.ts';
import { verifyTags } from './pipeline/verify.ts';

const log = new RunnerLog();

async function publish(): Promise<void> {
  const inputs = await readInputs();
  await provideCredentialHelpers(inputs.credentialHelpers, log);
  const run = startRun(inputs, process.env, log);
  announceCancellation(log, () => run.tagsSet);
  try {
    const { request, parts } = run;
    const plan = await log.group('Resolve the sources', () => makePlan(request, run.context, log));
    const index = assemble(plan, request);
    if (request.mode === 'dry-run') {
      const tags = await untouchedTags(request.tags, parts.previous);
      return await run.report({ served: index, members: plan.members, tags, copies: [], purged: [] });
    }
    const copies = await log.group('Copy', () => copyContent(plan, index, parts));
    const tags = await log.group('Push', () => pushTags(index, plan.targets, parts));
    const verified = await log.group('Read back', () => verifyTags(index, tags, parts));
    const purged = await purgeAfterPush(verified, request, { ...run.context, observer: log });
    await run.report({ served: verified.served, members: plan.members, tags, copies, purged });
  } finally {
    await run.close();
  }
}

await publish().catch((error: unknown) => reportFailure(error, log));
