import { type Contexts, evaluate, evaluated, type Plain, type PlainObject } from './evaluate.ts';
import { matrixJobsOf } from './matrix.ts';
import { ownActions, ownFolder } from './own-actions.ts';
import { Expression, listOf, type Mapping, mappingOf, type Value } from './parse-workflow.ts';
import type { StepRun } from './workflow-run.ts';

/** How a step or a job ends. */
export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/** The end of a step. */
export interface StepEnd {
  readonly result: Exclude<Result, 'skipped'>;
  readonly outputs: PlainObject;
}

/** Runs a step of a job; jobs of a matrix are named `image linux/amd64`. */
export type Execute = (step: StepRun, job: string) => Promise<StepEnd>;

/** The jobs of an attempt: all, those that did not pass, or one; with all jobs that need them. */
export type Choice = 'all' | 'failed' | { readonly job: string };

interface Finished {
  readonly result: Result;
  readonly outputs: PlainObject;
  /** The attempts count jobs in the order in which they end. */
  readonly order: number;
}

/**
 * One run of a workflow, with as many attempts as are made. A job that is not run again keeps its result and outputs; the
 * job of a matrix that ends last decides an output, unless it leaves it empty.
 * https://docs.github.com/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
 */
export class WorkflowAttempts {
  readonly #workflow: Mapping;
  readonly #contexts: Contexts;
  readonly #execute: Execute;
  readonly #finished = new Map<string, Map<string, Finished>>();
  #attempt = 0;
  #order = 0;

  constructor(document: Value, contexts: Contexts, execute: Execute) {
    this.#workflow = mappingOf(document);
    this.#contexts = contexts;
    this.#execute = execute;
  }

  /** Makes an attempt; `green` if no job failed or was cancelled. The jobs stand in the order of `needs`. */
  async attempt(choice: Choice): Promise<'green' | 'red'> {
    this.#attempt += 1;
    const again = new Set<string>();
    for (const name of Object.keys(mappingOf(this.#workflow['jobs']))) await this.#job(name, choice, again);
    const results = [...this.#finished.keys()].map((name) => this.#context(name).result);
    return results.some((result) => result === 'failure' || result === 'cancelled') ? 'red' : 'green';
  }

  /** The outputs of a job, as other jobs get them. */
  outputs(name: string): PlainObject {
    return this.#context(name).outputs;
  }

  async #job(name: string, choice: Choice, again: Set<string>): Promise<void> {
    const job = this.#definition(name);
    const needed = listOf(job['needs']).map(String);
    const needs = Object.fromEntries(needed.map((each) => [each, { ...this.#context(each) }]));
    const github = { ...this.#contexts['github'], run_attempt: String(this.#attempt) };
    const contexts: Contexts = { ...this.#contexts, github, needs };
    const finished = this.#finished.get(name) ?? new Map<string, Finished>();
    this.#finished.set(name, finished);
    const isDependent = needed.some((each) => again.has(each));
    const matrixJobs = matrixJobsOf(evaluated(mappingOf(job['strategy'])['matrix'] ?? null, contexts));
    const strategy = { 'job-total': matrixJobs.length };
    for (const matrix of matrixJobs) {
      const title = [name, matrix['platform']].filter((word) => word !== undefined).join(' ');
      if (!isDependent && !isChosen(title, choice, finished.get(title))) continue;
      again.add(name);
      const end = isReached(job, contexts)
        ? await this.#steps(title, job, { ...contexts, strategy, matrix })
        : ({ result: 'skipped', outputs: {} } as const);
      finished.set(title, { ...end, order: this.#order++ });
    }
  }

  async #steps(title: string, job: Mapping, contexts: Contexts): Promise<Omit<Finished, 'order'>> {
    const steps = listOf(job['steps']).map(mappingOf);
    const ends = Object.fromEntries(
      steps.flatMap((step) =>
        typeof step['id'] === 'string' ? [[step['id'], { outputs: unset(step) }]] : [],
      ),
    );
    let result: Result = 'success';
    for (const { if: condition, env = {}, ...step } of steps) {
      const known = { ...contexts, steps: ends, env: {} };
      if (result !== 'success' || !holds(condition, known)) continue;
      const own = evaluated(env, known) as PlainObject;
      const done = { with: {}, ...(evaluated(step, { ...known, env: own }) as PlainObject) };
      const run = { ...done, env: own, matrixJob: contexts['matrix'] ?? {} } as StepRun;
      const end = await this.#execute(run, title);
      if (run.id !== undefined) ends[run.id] = { outputs: { ...unset(step), ...end.outputs } };
      result = end.result;
    }
    const outputs = evaluated(mappingOf(job['outputs']), { ...contexts, steps: ends }) as PlainObject;
    return { result, outputs };
  }

  #context(name: string): { readonly result: Result; readonly outputs: PlainObject } {
    const finished = [...(this.#finished.get(name)?.values() ?? [])].toSorted((a, b) => a.order - b.order);
    const declared = Object.keys(mappingOf(this.#definition(name)['outputs'])).map((key) => [key, '']);
    const written = finished.flatMap(({ outputs }) =>
      Object.entries(outputs).filter(([, value]) => value !== ''),
    );
    const results = new Set(finished.map(({ result }) => result));
    const worst = (['failure', 'cancelled', 'skipped'] as const).find((each) => results.has(each));
    return { result: worst ?? 'success', outputs: Object.fromEntries([...declared, ...written]) };
  }

  #definition(name: string): Mapping {
    return mappingOf(mappingOf(this.#workflow['jobs'])[name]);
  }
}

function isChosen(title: string, choice: Choice, last: Finished | undefined): boolean {
  if (choice === 'all') return true;
  return choice === 'failed' ? last?.result !== 'success' : choice.job === title;
}

function isReached(job: Mapping, contexts: Contexts): boolean {
  const needs = Object.values(contexts['needs'] ?? {}).map((each) => (each as PlainObject)['result']);
  const isForced = textOf(job['if']).includes('always()');
  return (isForced || needs.every((result) => result === 'success')) && holds(job['if'], contexts);
}

function holds(condition: Value | undefined, contexts: Contexts): boolean {
  return condition === undefined || isTrue(evaluate(textOf(condition), contexts));
}

function isTrue(value: Plain): boolean {
  return value !== false && value !== '' && value !== 0 && value !== null;
}

function textOf(condition: Value | undefined): string {
  const text = condition instanceof Expression ? condition.text : String(condition ?? '');
  return text.replace(/^\$\{\{(.*)\}\}$/s, '$1');
}

// To GitHub, an output that was not written is empty.
function unset({ uses }: Mapping): PlainObject {
  const folder = ownFolder(typeof uses === 'string' ? uses : undefined);
  const declared = Object.keys((folder && ownActions.get(folder)?.outputs) ?? {});
  return Object.fromEntries(declared.map((name) => [name, '']));
}
