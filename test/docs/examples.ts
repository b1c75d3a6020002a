import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fencesOf, pages, root } from './markdown.ts';
import { type Job, ownAction, type Step, type Workflow } from './workflow.ts';

/** One input of action.yml. */
export interface ActionInput {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string;
}

/** What action.yml says. */
export const action: {
  readonly inputs: Readonly<Record<string, ActionInput>>;
  readonly outputs: Readonly<Record<string, unknown>>;
} = parse(readFileSync(join(root, 'action.yml'), 'utf8'));

/** The names of all inputs and outputs of the actions. */
export const actionNames: ReadonlySet<string> = new Set(
  globSync(['action.yml', '*/action.yml'], { cwd: root })
    .filter((file) => !file.startsWith('node_modules'))
    .map((file) => parse(readFileSync(join(root, file), 'utf8')) as typeof action)
    .flatMap(({ inputs, outputs }) => [...Object.keys(inputs), ...Object.keys(outputs)]),
);

/** An example in YAML: a workflow, some of a job's keys or steps, or some inputs of the action. */
export type Example = { readonly place: string } & (
  | { readonly kind: 'workflow'; readonly workflow: Workflow }
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'inputs'; readonly inputs: Readonly<Record<string, unknown>> }
);

const jobKeys: ReadonlySet<string> = new Set(['needs', 'permissions', 'concurrency']);

/** Every YAML example of every page; throws for YAML that is broken or is none of the kinds. */
export const examples: readonly Example[] = pages
  .flatMap(fencesOf)
  .filter(({ language }) => language === 'yaml')
  .map(({ place, text }) => {
    const value: unknown = parse(text, { strict: true, uniqueKeys: true });
    if (Array.isArray(value)) return { kind: 'steps', place, steps: value };
    if (typeof value !== 'object' || value === null) throw new Error(`${place} is no example`);
    if ('jobs' in value) return { kind: 'workflow', place, workflow: value as Workflow };
    if (Object.keys(value).every((key) => jobKeys.has(key))) return { kind: 'job', place, job: value };
    return { kind: 'inputs', place, inputs: value as Readonly<Record<string, unknown>> };
  });

/** A step that uses the action, and the job it is in, if the example shows one. */
export interface OwnStep {
  readonly place: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly job?: Job;
  readonly workflow?: Workflow;
}

/** Every step of the examples that uses the action. */
export const ownSteps: readonly OwnStep[] = examples.flatMap((example): readonly OwnStep[] => {
  const { place } = example;
  if (example.kind === 'inputs' || example.kind === 'job') return [];
  if (example.kind === 'steps') return ownOf(example.steps).map((inputs) => ({ place, inputs }));
  const { workflow } = example;
  return Object.values(workflow.jobs).flatMap((job) =>
    ownOf(job.steps ?? []).map((inputs) => ({ place, inputs, job, workflow })),
  );
});

function ownOf(steps: readonly Step[]): readonly Readonly<Record<string, unknown>>[] {
  return steps.filter(({ uses }) => uses === ownAction).map((step) => step.with ?? {});
}
