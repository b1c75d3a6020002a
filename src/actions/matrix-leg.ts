import { formatPlatform, samePlatform } from '../oci/platform.ts';
import { formatReference } from '../oci/reference.ts';
import { type LegEnd, type RoundOutcome, runLeg } from '../pipeline/matrix/leg.ts';
import { SourceLooks } from '../pipeline/matrix/source-looks.ts';
import type { ListRequest } from '../pipeline/request.ts';
import { platformsWithout } from '../pipeline/selection.ts';
import type { MissingSources, SourceReading } from '../policy/missing-sources.ts';
import { VerifyError } from '../run/errors.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { SourceContext } from '../sources/source.ts';
import { listName } from './each-list.ts';
import { reportedSource } from './failed-report.ts';
import type { Run } from './run.ts';
import type { Result } from './summary/report.ts';

/** The stages of one round, each for all lists. */
export interface RoundStages<Prepared> {
  /** Resolves the sources; only reads. */
  plan(lists: readonly ListRequest[], sourcesOf: (list: ListRequest) => SourceContext): Promise<Prepared>;
  /** Assembles the lists and reports what a push would do. */
  rehearse(planned: Prepared): Promise<readonly Result[]>;
  /** Assembles the lists, writes them and reads them back; throws VerifyError OVERTAKEN. */
  write(planned: Prepared): Promise<readonly Result[]>;
}

interface Round extends RoundOutcome {
  readonly results: readonly Result[];
}

/**
 * Publishes lists whose sources several jobs push: each job publishes what `mode` allows. A dry run reads the sources
 * once.
 */
export async function publishLeg<Prepared>(
  mode: MissingSources,
  stages: RoundStages<Prepared>,
  run: Run,
  log: Pick<RunnerLog, 'group' | 'withoutSecrets'>,
): Promise<void> {
  const { request, context } = run;
  const looks = new SourceLooks(request.lists, run);
  const isDryRun = request.mode === 'dry-run';
  const planned = (lists: readonly ListRequest[]): Promise<Prepared> =>
    stages.plan(lists, (list) => looks.sourcesOf(list));
  const end = await runLeg<Round>(
    { mode, wait: request.waitForSources, clock: context.clock, rounds: isDryRun ? 'one' : 'repeated' },
    {
      look: (wait) => log.group('Look for the sources', () => looks.look(wait)),
      publish: async (sources) => {
        const prepared = await planned(looks.listsOf(sources));
        return isDryRun ? { results: await stages.rehearse(prepared) } : writeRound(prepared, stages);
      },
    },
  );
  if (end.kind === 'published') return reportPublished(end, run);
  // A source that cannot be used fails in the job that pushed it, not only in the last one.
  const found = looks.listsOf(end.look.filter(({ digest }) => digest !== undefined));
  await planned(found.map((list) => ({ ...list, missingPlatforms: 'allow' })));
  await reportDeferred(end.look, run, log);
}

async function writeRound<Prepared>(prepared: Prepared, stages: RoundStages<Prepared>): Promise<Round> {
  try {
    return { results: await stages.write(prepared) };
  } catch (error) {
    if (!(error instanceof VerifyError && error.code === 'OVERTAKEN')) throw error;
    return { results: [], overwritten: error };
  }
}

async function reportPublished(
  { outcome: { results }, look }: Extract<LegEnd<Round>, { kind: 'published' }>,
  run: Run,
): Promise<void> {
  const { observer } = run.context;
  const missing = missingOf(look);
  if (missing.length > 0) observer.warning(`Published without missing sources: ${missing.join(', ')}`);
  const published = run.request.lists.flatMap((list) => resultOf(list, results) ?? []);
  for (const list of run.request.lists.filter((each) => !published.some(({ request }) => request === each)))
    observer.warning(`${listName(list)} is not published: none of its sources exists`);
  for (const { request, members } of published) {
    const platforms = unexplained(request, new Set(missing), members);
    const [name] = request.tags.map(formatReference);
    if (platforms.length > 0) observer.warning(`No source supplies ${platforms.join(', ')} for ${name} yet`);
  }
  if (run.request.mode === 'push') await run.guards.warn(published, run.previous);
  await run.report(results);
}

interface PublishedList extends Pick<Result, 'members'> {
  readonly request: ListRequest;
  readonly manifest: Result['served'];
}

function resultOf(request: ListRequest, results: readonly Result[]): PublishedList | undefined {
  const names = new Set(request.tags.map(formatReference));
  const result = results.find(({ tags }) => tags.some((tag) => names.has(formatReference(tag))));
  return result && { request, manifest: result.served, members: result.members };
}

// A missing source with a declared platform is reported once.
function unexplained(
  { platforms, sources }: ListRequest,
  missing: ReadonlySet<string>,
  members: Result['members'],
): readonly string[] {
  const absent = sources.filter(({ text }) => missing.has(text)).map(({ declared }) => declared);
  return platformsWithout(members, platforms)
    .filter((platform) => !absent.some((declared) => samePlatform({ ...platform, ...declared }, platform)))
    .map(formatPlatform);
}

function missingOf(look: readonly SourceReading[]): readonly string[] {
  return look.filter(({ digest }) => digest === undefined).map(({ label }) => label);
}

async function reportDeferred(
  look: readonly SourceReading[],
  run: Run,
  log: Pick<RunnerLog, 'withoutSecrets'>,
): Promise<void> {
  const missing = missingOf(look);
  run.context.observer.info(
    [
      `Deferred: ${missing.length} of ${look.length} sources do not exist yet, nothing is published:`,
      ...missing,
    ].join('\n'),
  );
  const lines = run.request.lists.flatMap(({ sources }) => sources);
  const safe = (text: string): string => log.withoutSecrets(text);
  await run.defer(lines.map((line) => reportedSource(line, run.sourceOutcomes.get(line), safe)));
}
