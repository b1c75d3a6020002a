import { type Contexts, evaluate, evaluated, type Plain, type PlainObject } from './evaluate.ts';
import { matrixJobsOf } from './matrix.ts';
import { Expression, listOf, type Mapping, mappingOf, type Value } from './parse-workflow.ts';

/** A step of a job, with every expression in it evaluated. */
export interface StepRun {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with: PlainObject;
  readonly env: PlainObject;
  /** The job's runner, such as `ubuntu-24.04-arm`, and its values of the matrix. */
  readonly matrixJob: PlainObject;
}

/** A job of a matrix, or a job without a matrix. */
export interface JobRun {
  readonly name: string;
  /** All jobs that end before this one begins. */
  readonly before: readonly JobRun[];
  readonly permissions: PlainObject;
  readonly steps: readonly StepRun[];
}

/** The environment of a run. */
export interface RunSetting {
  /** The contexts that are there from the start: `github`, `secrets`, `vars`, `runner` … */
  readonly contexts: Contexts;
  /** The inputs of the caller; others have their defaults. */
  readonly inputs: PlainObject;
  /** The outputs of a step. */
  readonly outputsOf: (step: StepRun) => PlainObject;
}

/** Runs every job, each of a matrix on its own, in the order of `needs`; throws for an expression that cannot be evaluated. */
export function runWorkflow(document: Value, setting: RunSetting): readonly JobRun[] {
  const workflow = new WorkflowRun(mappingOf(document), setting);
  return workflow.matrixJobs();
}

interface FinishedJob {
  readonly matrixJobs: readonly JobRun[];
  readonly context: PlainObject;
}

class WorkflowRun {
  readonly #workflow: Mapping;
  readonly #setting: RunSetting;
  readonly #finished = new Map<string, FinishedJob>();

  constructor(workflow: Mapping, setting: RunSetting) {
    this.#workflow = workflow;
    this.#setting = setting;
  }

  matrixJobs(): readonly JobRun[] {
    const jobs = Object.keys(mappingOf(this.#workflow['jobs']));
    return jobs.flatMap((name) => this.#finish(name).matrixJobs);
  }

  #finish(name: string): FinishedJob {
    const finished = this.#finished.get(name) ?? this.#run(name, this.#job(name));
    this.#finished.set(name, finished);
    return finished;
  }

  #run(name: string, job: Mapping): FinishedJob {
    const needs = this.#needs(job);
    const contexts: Contexts = { ...this.#setting.contexts, inputs: this.#inputs(), needs };
    const matrix = evaluated(mappingOf(job['strategy'])['matrix'] ?? null, contexts);
    checkCondition(job['if'], contexts);
    const matrixJobs = matrixJobsOf(matrix).map((matrixJob) =>
      this.#matrixJob(job, { ...contexts, matrix: matrixJob }),
    );
    const permissions = mappingOf(job['permissions'] ?? this.#workflow['permissions']) as PlainObject;
    const before = Object.keys(needs).flatMap((needed) => this.#before(needed));
    return {
      matrixJobs: matrixJobs.map(({ steps }) => ({ name, before, permissions, steps })),
      context: { result: 'success', outputs: outputsOf(job, matrixJobs) },
    };
  }

  #matrixJob(job: Mapping, contexts: Contexts): MatrixJob {
    const { steps, outputs: _, if: _condition, strategy, ...rest } = job;
    const env = this.#env(rest['env'], contexts);
    evaluated({ ...rest, strategy: mappingOf(strategy)['fail-fast'] ?? null }, { ...contexts, env });
    const matrixJob = new MatrixJobRun({ ...contexts, env }, this.#setting.outputsOf);
    return matrixJob.run(listOf(steps).map(mappingOf));
  }

  #env(own: Value | undefined, contexts: Contexts): PlainObject {
    const shared = mappingOf(evaluated(mappingOf(this.#workflow['env']), contexts)) as PlainObject;
    return { ...shared, ...(evaluated(mappingOf(own), { ...contexts, env: shared }) as PlainObject) };
  }

  #job(name: string): Mapping {
    return mappingOf(mappingOf(this.#workflow['jobs'])[name]);
  }

  #needs(job: Mapping): PlainObject {
    const names = listOf(job['needs']).map(String);
    return Object.fromEntries(names.map((name) => [name, this.#finish(name).context]));
  }

  #before(name: string): readonly JobRun[] {
    const { matrixJobs } = this.#finish(name);
    return [...matrixJobs, ...(matrixJobs[0]?.before ?? [])];
  }

  // The inputs of `workflow_dispatch` and `workflow_call`.
  #inputs(): PlainObject {
    const events = Object.values(mappingOf(this.#workflow['on'])).map(mappingOf);
    const declared = events.flatMap((event) => Object.entries(mappingOf(event['inputs'])));
    return Object.fromEntries(
      declared.map(([name, input]) => [
        name,
        this.#setting.inputs[name] ?? (mappingOf(input)['default'] as Plain) ?? '',
      ]),
    );
  }
}

interface MatrixJob {
  readonly steps: readonly StepRun[];
  readonly contexts: Contexts;
}

class MatrixJobRun {
  readonly #contexts: Contexts;
  readonly #outputsOf: RunSetting['outputsOf'];
  readonly #steps: StepRun[] = [];
  readonly #finished: Record<string, PlainObject> = {};

  constructor(contexts: Contexts, outputs: RunSetting['outputsOf']) {
    this.#contexts = contexts;
    this.#outputsOf = outputs;
  }

  run(steps: readonly Mapping[]): MatrixJob {
    for (const step of steps) this.#step(step);
    return { steps: this.#steps, contexts: { ...this.#contexts, steps: this.#finished } };
  }

  #step({ if: condition, env = {}, ...step }: Mapping): void {
    const contexts: Contexts = { ...this.#contexts, steps: this.#finished };
    const own = { ...contexts['env'], ...(evaluated(env, contexts) as PlainObject) };
    checkCondition(condition, { ...contexts, env: own });
    const done = { with: {}, ...(evaluated(step, { ...contexts, env: own }) as PlainObject) };
    const run = { ...done, env: own, matrixJob: this.#contexts['matrix'] ?? {} } as StepRun;
    this.#steps.push(run);
    if (run.id === undefined) return;
    this.#finished[run.id] = { outputs: this.#outputsOf(run), outcome: 'success', conclusion: 'success' };
  }
}

// An output that the script of another job writes is empty; the last job that sets an output wins.
function outputsOf(job: Mapping, matrixJobs: readonly MatrixJob[]): PlainObject {
  const outputs: Record<string, Plain> = {};
  for (const { contexts } of matrixJobs) {
    const steps = Object.fromEntries(
      Object.entries(contexts['steps'] ?? {}).map(([id, step]) => [
        id,
        withEveryOutput(id, step, matrixJobs),
      ]),
    );
    const written = evaluated(mappingOf(job['outputs']), { ...contexts, steps }) as PlainObject;
    for (const [name, value] of Object.entries(written)) if (value !== '') outputs[name] = value;
  }
  return outputs;
}

function withEveryOutput(id: string, step: Plain, matrixJobs: readonly MatrixJob[]): PlainObject {
  const all = matrixJobs.map(({ contexts }) => mappingOf(mappingOf(contexts['steps']?.[id])['outputs']));
  const empty = Object.fromEntries(all.flatMap(Object.keys).map((name) => [name, '']));
  const own = mappingOf(step) as PlainObject;
  return { ...own, outputs: { ...empty, ...(mappingOf(own['outputs']) as PlainObject) } };
}

function checkCondition(condition: Value | undefined, contexts: Contexts): void {
  if (condition === undefined) return;
  const text = condition instanceof Expression ? condition.text : String(condition);
  evaluate(text.replace(/^\$\{\{(.*)\}\}$/s, '$1'), contexts);
}
