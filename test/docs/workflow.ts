/** Workflows as the examples write them, and what GitHub would find wrong with them. */

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly needs?: string | readonly string[];
  readonly 'runs-on'?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly outputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly on: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The action of this repository, as examples name it. */
export const ownAction = 'OWNER/multiarch-manifest-action@v1';

/** The inspecting action, likewise. */
export const inspectAction = 'OWNER/multiarch-manifest-action/inspect@v1';

interface KnownAction {
  readonly version: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The other actions that examples may use: their newest major version, and which of their names examples use. */
export const otherActions: Readonly<Record<string, KnownAction>> = {
  'actions/checkout': { version: 'v7', inputs: [], outputs: [] },
  'actions/upload-artifact': {
    version: 'v7',
    inputs: ['name', 'path', 'if-no-files-found', 'retention-days', 'compression-level'],
    outputs: [],
  },
  'actions/download-artifact': {
    version: 'v8',
    inputs: ['name', 'pattern', 'path', 'merge-multiple'],
    outputs: [],
  },
  'docker/setup-qemu-action': { version: 'v4', inputs: [], outputs: [] },
  'docker/setup-buildx-action': { version: 'v4', inputs: [], outputs: [] },
  'docker/login-action': { version: 'v4', inputs: ['registry', 'username', 'password'], outputs: [] },
  'docker/metadata-action': {
    version: 'v6',
    inputs: ['images', 'tags'],
    outputs: ['tags', 'labels', 'annotations'],
  },
  'docker/build-push-action': {
    version: 'v7',
    inputs: ['context', 'platforms', 'push', 'tags', 'labels', 'outputs', 'provenance', 'build-args'],
    outputs: ['digest', 'metadata'],
  },
  'docker/bake-action': { version: 'v7', inputs: ['files', 'targets', 'push', 'set'], outputs: ['metadata'] },
};

/** The jobs a job waits for. */
export function needsOf(job: Job): readonly string[] {
  return [job.needs ?? []].flat();
}

/** What is wrong with a workflow, wherever it is; empty when nothing is. */
export function flawsOf(workflow: Workflow): readonly string[] {
  const flaws: string[] = [];
  if (workflow.on === undefined) flaws.push('has no `on`');
  for (const [name, job] of Object.entries(workflow.jobs)) {
    const found = [
      ...jobFlaws(workflow, job),
      ...(job.steps ?? []).flatMap(stepFlaws),
      ...artifactFlaws(workflow, job),
    ];
    flaws.push(...found.map((flaw) => `job ${name}: ${flaw}`));
  }
  return flaws;
}

function jobFlaws(workflow: Workflow, job: Job): readonly string[] {
  const flaws = needsOf(job)
    .filter((needed) => !(needed in workflow.jobs))
    .map((needed) => `needs ${needed}, which is no job`);
  if (job['runs-on'] === undefined) flaws.push('has no `runs-on`');
  if (job.permissions === undefined && workflow.permissions === undefined) flaws.push('has no permissions');
  for (const { expression, steps } of expressionsOf(job)) {
    const flaw = expressionFlaw(expression, steps, { workflow, job });
    if (flaw !== undefined) flaws.push(flaw);
  }
  return flaws;
}

/** What is wrong with a step, whatever its job. */
export function stepFlaws(step: Step): readonly string[] {
  const { uses } = step;
  if (uses === undefined) return step.run === undefined ? ['a step neither uses nor runs anything'] : [];
  if (uses === ownAction || uses === inspectAction) return [];
  const [name = '', version] = uses.split('@');
  const known = otherActions[name];
  if (known === undefined) return [`uses ${uses}, which is not known here`];
  if (known.version !== version) return [`uses ${uses}, whose newest major version is ${known.version}`];
  const unknown = Object.keys(step.with ?? {}).filter((key) => !known.inputs.includes(key));
  return unknown.map((key) => `gives ${name} the input ${key}, which is not known here`);
}

// A pattern must find what a job that was waited for uploads.
function artifactFlaws(workflow: Workflow, job: Job): readonly string[] {
  const uploads = before(workflow, job)
    .flatMap((needed) => needed.steps ?? [])
    .filter((step) => step.uses?.startsWith('actions/upload-artifact@'))
    .map((step) => String(step.with?.['name']).replaceAll(/\$\{\{.*?\}\}/g, 'x'));
  return (job.steps ?? [])
    .filter((step) => step.uses?.startsWith('actions/download-artifact@'))
    .map((step) => String(step.with?.['pattern'] ?? step.with?.['name']))
    .filter((pattern) => !uploads.some((name) => globMatches(pattern, name)))
    .map((pattern) => `downloads ${pattern}, which no job before it uploads`);
}

function before(workflow: Workflow, job: Job): readonly Job[] {
  return needsOf(job).flatMap((name) => {
    const needed = workflow.jobs[name];
    return needed === undefined ? [] : [needed, ...before(workflow, needed)];
  });
}

function globMatches(pattern: string, name: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[^\w-]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(name);
}

interface Expression {
  readonly expression: string;
  /** The steps that have run by then. */
  readonly steps: readonly Step[];
}

function expressionsOf({ steps = [], ...job }: Job): readonly Expression[] {
  return [
    ...expressionsIn(job).map((expression) => ({ expression, steps })),
    ...steps.flatMap((step, at) =>
      expressionsIn(step).map((expression) => ({ expression, steps: steps.slice(0, at) })),
    ),
  ];
}

/** Every `${{ expression }}` in a value, without its marks. */
export function expressionsIn(value: unknown): readonly string[] {
  const text = JSON.stringify(value) ?? '';
  return [...text.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)].map(([, expression = '']) => expression);
}

function expressionFlaw(
  expression: string,
  steps: readonly Step[],
  { workflow, job }: { readonly workflow: Workflow; readonly job: Job },
): string | undefined {
  const bare = expression.replace(/^toJSON\((.*)\)$/, '$1');
  const [context = '', first = '', , last = ''] = bare.split('.');
  const missing = `${expression} is nowhere set`;
  if (['github', 'secrets', 'vars', 'runner'].includes(context)) return undefined;
  if (context === 'env') return first in { ...workflow.env, ...job.env } ? undefined : missing;
  if (context === 'matrix') return matrixKeys(job).has(first) ? undefined : missing;
  if (context === 'steps')
    return hasOutput(
      steps.find(({ id }) => id === first),
      last,
    )
      ? undefined
      : missing;
  if (context !== 'needs') return `${expression} is not understood here`;
  if (first === '') return needsOf(job).length > 0 ? undefined : missing;
  if (!needsOf(job).includes(first)) return `${expression}: ${first} is not among the job's needs`;
  return last === '' || last in (workflow.jobs[first]?.outputs ?? {}) ? undefined : missing;
}

function matrixKeys(job: Job): ReadonlySet<string> {
  const { include = [], ...axes } = job.strategy?.matrix ?? {};
  return new Set([...Object.keys(axes), ...include.flatMap((leg) => Object.keys(leg as object))]);
}

// What a script writes is not looked at, and the own action's outputs are checked where action.yml is known.
function hasOutput(step: Step | undefined, output: string): boolean {
  if (step?.uses === undefined || step.uses === ownAction || step.uses === inspectAction)
    return step !== undefined;
  return otherActions[step.uses.split('@')[0] ?? '']?.outputs.includes(output) ?? false;
}
