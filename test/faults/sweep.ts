/** Puts each class of faults on each request of a job in turn, and tells what came of each run. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Network } from '../../src/actions/connection.ts';
import { publishStages } from '../../src/actions/publish.ts';
import { startRun } from '../../src/actions/run.ts';
import type { ReportedTag } from '../../src/actions/summary/report.ts';
import { ActionError } from '../../src/run/errors.ts';
import { type FaultClass, faultClasses } from '../support/faults/fault-classes.ts';
import { hurried, usual } from '../support/run/in-process-run.ts';
import { assertNoLeaks } from '../support/run/leaks.ts';
import { onTestClock, testClock } from '../support/wire/test-clock.ts';
import type { Job, Stage, WatchedTag } from './job.ts';
import { type RequestKey, requestKeys, targetOf } from './request-key.ts';

/** The result of a run under a fault; only the first two are right. */
export type Verdict =
  /** Every tag serves exactly the right list, and the run says so. */
  | 'survived'
  /** A clear error, and every tag holds what it held before. */
  | 'failed cleanly'
  /** Success, but a tag is wrong. */
  | 'silent'
  /** An error, but a tag moved. */
  | 'half done'
  /** An error that is none of ours: a bug. */
  | 'bug'
  | 'hung';

export interface Trial {
  readonly job: string;
  readonly fault: string;
  readonly request: string;
  readonly verdict: Verdict;
  /** Whether the request came and met the fault. */
  readonly met: boolean;
  readonly milliseconds: number;
  /** How often the registries were asked, disturbed requests included. */
  readonly requests: number;
  /** How many tags the job sets. */
  readonly tags: number;
  /** The error, as people would see it; or what else is to be known. */
  readonly said: string;
}

/** Real milliseconds after which a run counts as hung: far more than the busiest machine needs. */
const hungAfter = 180_000;

/** Every class at every request of a job, once each. */
export function sweep(job: Job): Promise<Sweep> {
  return onTestClock(async () => {
    const calm = await undisturbed(job);
    const quick = faultClasses.filter(({ slow }) => !slow);
    const slow = faultClasses.filter((fault) => fault.slow);
    const trials = [...(await disturbEach(job, calm, quick)), ...(await disturbEach(job, calm, slow))];
    return { requests: calm.requests, trials };
  });
}

/**
 * Trials in batches: the test clock moves on only when everything sleeps, so no trial may begin while others wait.
 * Slow trials wait by the system's clock, so many go on at once; others would only be in each other's way.
 */
async function disturbEach(job: Job, calm: Calm, faults: readonly FaultClass[]): Promise<readonly Trial[]> {
  const size = faults.some(({ slow }) => slow) ? 32 : 6;
  const disturbances = faults.flatMap((fault) => calm.keys.map((key) => ({ calm, fault, key })));
  const trials: Trial[] = [];
  for (let start = 0; start < disturbances.length; start += size) {
    const batch = disturbances.slice(start, start + size);
    trials.push(...(await Promise.all(batch.map((each) => disturbed(job, each)))));
  }
  return trials;
}

export interface Sweep {
  /** How many requests the job makes undisturbed. */
  readonly requests: number;
  readonly trials: readonly Trial[];
}

/** A job without a fault. */
interface Calm {
  /** The digest of each tag afterwards. */
  readonly digests: readonly (string | undefined)[];
  /** How many requests it makes. */
  readonly requests: number;
  /** Those to disturb. */
  readonly keys: readonly RequestKey[];
}

async function undisturbed(job: Job): Promise<Calm> {
  const stage = await job.prepare();
  try {
    const ended = await runToEnd(stage, usual);
    assert.equal(ended.error, undefined);
    for (const tag of stage.tags) assertRight(tag);
    const keys = requestKeys(stage.registries);
    return {
      digests: stage.tags.map((tag) => heldBy(tag)),
      requests: keys.length,
      keys: keys.filter(({ name }) => job.isDisturbed?.(name) ?? true),
    };
  } finally {
    await close(stage);
  }
}

function assertRight({ registry, repository, tag, images }: WatchedTag): void {
  const served = registry.manifest(repository, tag);
  const { manifests } = JSON.parse(String(served?.bytes)) as { manifests: { digest: string }[] };
  assert.deepEqual(
    manifests.map((entry) => entry.digest),
    images.map((image) => image.digest),
  );
}

interface Disturbance {
  readonly calm: Calm;
  readonly fault: FaultClass;
  readonly key: RequestKey;
}

async function disturbed(job: Job, { calm, fault, key }: Disturbance): Promise<Trial> {
  const stage = await job.prepare();
  const registry = stage.registries[key.registry];
  if (registry === undefined) throw new Error(`${job.name} has no registry ${key.registry}`);
  fault.apply(targetOf(registry, key), key.nth);
  const started = testClock.now();
  try {
    const ended = await runToEnd(stage, fault.slow ? hurried : usual);
    const milliseconds = testClock.now() - started;
    const wire = stage.registries.flatMap((each) => each.wire);
    return {
      job: job.name,
      fault: fault.name,
      request: key.name,
      verdict: judge(ended, deniesReferrers(fault, key) ? { ...stage, signatures: [] } : stage, calm),
      met: wire.some((entry) => entry.fault !== undefined),
      milliseconds,
      requests: wire.length,
      tags: stage.tags.length,
      said: describe(ended, stage.tags, calm),
    };
  } finally {
    await close(stage);
  }
}

/** 404 is how registries that keep no list of referrers answer (distribution-spec, "Listing Referrers"). */
function deniesReferrers(fault: FaultClass, key: RequestKey): boolean {
  return fault.name === '404' && key.name.includes('/referrers/');
}

interface End {
  readonly error: unknown;
  readonly hung: boolean;
  readonly reported: readonly ReportedTag[];
  readonly warnings: readonly string[];
}

async function runToEnd(stage: Stage, network: Network): Promise<End> {
  const log: string[] = [];
  const warnings: string[] = [];
  const tell = (text: string): void => void log.push(text);
  const observer = {
    warnings,
    secrets: [],
    debug: tell,
    info: tell,
    warning: (text: string) => void warnings.push(text),
    secret: () => {},
    group: <T>(_: string, stage: () => Promise<T>) => stage(),
    withoutSecrets: String,
  };
  const environment = { DOCKER_CONFIG: '/nonexistent' };
  const runner = { environment, home: '/nonexistent', directory: '/nonexistent', output: () => {} };
  const run = startRun(stage.inputs, runner, observer, network);
  const reported: ReportedTag[] = [];
  const report: typeof run.report = async (results) =>
    void reported.push(...results.flatMap(({ tags }) => tags));
  const stages = publishStages({ ...run, report });
  const ended = await Promise.race([stages.then(done, failed), sleep(hungAfter, hung, { ref: false })]);
  await run.close();
  assertNoLeaks({ log: log.join('\n'), warnings: warnings.join('\n'), error: chainOf(ended.error) });
  return { ...ended, reported, warnings };
}

type Outcome = Pick<End, 'error' | 'hung'>;
const hung: Outcome = { error: undefined, hung: true };
const done = (): Outcome => ({ error: undefined, hung: false });
const failed = (error: unknown): Outcome => ({ error, hung: false });

function judge(ended: End, stage: Stage, { digests }: Calm): Verdict {
  const { tags } = stage;
  if (ended.hung) return 'hung';
  if (ended.error === undefined) {
    const isRight = tags.every((tag, at) => heldBy(tag) === digests[at]) && isSigned(stage, ended);
    return isRight && ended.reported.length === tags.length ? 'survived' : 'silent';
  }
  if (!isClear(ended.error)) return 'bug';
  return tags.every((tag) => heldBy(tag) === tag.before) ? 'failed cleanly' : 'half done';
}

/** Whether every signature is in every repository that has a tag, or a warning says that it stays behind. */
function isSigned({ tags, signatures }: Stage, { warnings }: End): boolean {
  if (warnings.some((text) => /stays? behind|was not copied/.test(text))) return true;
  return signatures.every(({ digest }) =>
    tags.every(({ registry, repository }) => registry.manifest(repository, digest)),
  );
}

/** A headline with a code, and something to do. */
function isClear(error: unknown): boolean {
  return error instanceof ActionError && /^[A-Z_]+$/.test(error.code) && (error.hint ?? '') !== '';
}

function describe(ended: End, tags: readonly WatchedTag[], { digests }: Calm): string {
  const states = tags
    .map((tag, at) => `${tag.repository}:${tag.tag}: ${stateOf(tag, digests[at])}`)
    .join(', ');
  const { error } = ended;
  const said = error instanceof ActionError ? `${error.message} [${error.code}]` : chainOf(error);
  return `${states}${error === undefined ? '' : `; ${said}`}`;
}

function stateOf(tag: WatchedTag, digest: string | undefined): string {
  const held = heldBy(tag);
  if (held === digest) return 'right';
  return held === tag.before ? 'as before' : `${held}`;
}

function heldBy(tag: WatchedTag | undefined): string | undefined {
  return tag?.registry.manifest(tag.repository, tag.tag)?.digest;
}

function chainOf(error: unknown): string {
  if (!(error instanceof Error)) return error === undefined ? '' : String(error);
  return `${error.stack ?? error.message}\n${chainOf(error.cause)}`;
}

async function close(stage: Stage): Promise<void> {
  await Promise.all(stage.registries.map((registry) => registry.close()));
}
