/** One run of a recipe of the documentation: its jobs push images, and run the actions on a registry. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { composedWorkflows } from '../../docs/composition.ts';
import { page } from '../../docs/markdown.ts';
import { type Choice, type StepEnd, WorkflowAttempts } from '../../docs/workflow/attempts.ts';
import { ownFolder } from '../../docs/workflow/own-actions.ts';
import { readWorkflow } from '../../docs/workflow/parse-workflow.ts';
import { contexts } from '../../docs/workflow/run-example.ts';
import type { StepRun } from '../../docs/workflow/workflow-run.ts';
import { makeImage } from '../../support/images/images.ts';
import type { ActionInputs, ActionRun } from '../../support/run/run-action.ts';
import type { Scenario } from '../../support/run/scenario.ts';

/** The workflow below a heading of a page. */
export function workflowBelow(file: string, heading: string): string {
  const { text } = page(file);
  const start = text.indexOf(`\n## ${heading}\n`);
  const line = text.slice(0, start + 2).split('\n').length;
  const workflows = [...composedWorkflows(page(file))];
  const [, found] = workflows.find(([place]) => Number(place.split(':')[1]) > line) ?? [];
  assert.ok(start >= 0 && found, heading);
  return found;
}

/** What happens to a job: it ends so at its build, at its publish or purge step, or right after that. */
type Mishap = 'build fails' | 'step fails' | 'cancelled' | 'cancelled after its step';

/** An attempt, or staging tags that somebody removes by hand; and what comes of it. */
export type Event =
  | {
      readonly attempt: Choice;
      readonly mishaps?: Readonly<Record<string, Mishap>>;
      readonly out: Outcome;
      readonly real?: Outcome;
    }
  | { readonly removed: readonly string[] };

/** `new`: the tag holds the last image of each job; `old`: an earlier list that is complete, too, with a warning. */
type Outcome = 'red' | 'green, new' | 'green, old' | 'green, absent';

/** One run of a recipe on a registry. */
class Life {
  readonly #t: Scenario;
  readonly #attempts: WorkflowAttempts;
  readonly #pushed = new Map<string, string>();
  readonly runs: ActionRun[] = [];
  #mishaps: Readonly<Record<string, Mishap>> = {};
  #count = 0;

  constructor(t: Scenario, document: ConstructorParameters<typeof WorkflowAttempts>[0]) {
    this.#t = t;
    this.#attempts = new WorkflowAttempts(document, contexts, (step, job) => this.#execute(step, job));
  }

  async attempt(choice: Choice, mishaps: Readonly<Record<string, Mishap>> = {}): Promise<Outcome> {
    this.#count += 1;
    this.#mishaps = mishaps;
    const earlier = this.runs.length;
    const conclusion = await this.#attempts.attempt(choice);
    if (conclusion === 'red') return 'red';
    const served = await this.#t.served(`app:${contexts['github']?.['ref_name']}`);
    if (served === undefined) return 'green, absent';
    const { digest } = this.#attempts.outputs('image');
    if (digest !== undefined) assert.equal(served.digest, digest, 'the output of the matrix');
    const { manifests } = JSON.parse(served.bytes.toString()) as { manifests: { digest: string }[] };
    assert.equal(manifests.length, this.#pushed.size);
    if (manifests.every((entry) => [...this.#pushed.values()].includes(entry.digest))) return 'green, new';
    assert.match(
      this.runs
        .slice(earlier)
        .map(({ stdout }) => stdout)
        .join(),
      new RegExp(`::warning::This job deferred in attempt ${this.#count} `),
    );
    return 'green, old';
  }

  /** Removes staging tags in between. */
  async remove(slugs: readonly string[]): Promise<void> {
    const tags = slugs.map((slug) =>
      this.#here(`ghcr.io/acme/app:run-${contexts['github']?.['run_id']}-${slug}`),
    );
    const run = await this.#t.purge({ tags: tags.join('\n') });
    assert.equal(run.exitCode, 0, run.stdout);
  }

  async #execute(step: StepRun, job: string): Promise<StepEnd> {
    const mishap = this.#mishaps[job];
    if (step.run !== undefined) return ended(spawnSync('bash', ['-e', '-c', step.run]).status ?? 1);
    if (step.uses?.startsWith('docker/build-push-action@')) return this.#build(step, mishap);
    const folder = ownFolder(step.uses);
    if (folder === undefined) return ended(0);
    if (mishap === 'step fails') return ended(1);
    if (mishap === 'cancelled') return { result: 'cancelled', outputs: {} };
    const run = await this.#act(folder, step.with as ActionInputs);
    return {
      ...ended(run.exitCode ?? 1),
      ...(mishap !== undefined && { result: 'cancelled' }),
      outputs: run.outputs,
    };
  }

  async #build({ with: given }: StepRun, mishap: Mishap | undefined): Promise<StepEnd> {
    if (mishap === 'build fails') return ended(1);
    const [platform, tags] = [given['platforms'], given['tags']].map(String) as [string, string];
    const image = makeImage(platform, { name: `attempt ${this.#count}` });
    await this.#t.push(`app:${tags.split(':').at(-1)}`, image);
    this.#pushed.set(platform, image.digest);
    return ended(0);
  }

  async #act(folder: string, { 'registry-auth': _, ...given }: ActionInputs): Promise<ActionRun> {
    const inputs = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, this.#here(value)]),
    );
    const options = { env: { GITHUB_RUN_ATTEMPT: String(this.#count) } };
    const run = await (folder === 'purge'
      ? this.#t.purge(inputs, options)
      : this.#t.publish(inputs, options));
    this.runs.push(run);
    return run;
  }

  #here(text: string): string {
    return text.replaceAll(/(?:ghcr|docker)\.io\/acme\/app/g, this.#t.ref('app'));
  }
}

/** The end of a step with this exit code. */
export function ended(status: number): StepEnd {
  return { result: status === 0 ? 'success' : 'failure', outputs: {} };
}

/** Runs a workflow through the events; checks the outcome of each attempt. */
export async function live(t: Scenario, text: string, events: readonly Event[]): Promise<void> {
  const { problems, document } = await readWorkflow('recipe', text);
  assert.deepEqual(problems, []);
  const life = new Life(t, document);
  for (const [at, event] of events.entries()) {
    if ('removed' in event) await life.remove(event.removed);
    else {
      const out = await life.attempt(event.attempt, event.mishaps);
      const wanted = (t.ground === 'real' && event.real) || event.out;
      assert.equal(out, wanted, `event ${at}\n${life.runs.at(-1)?.stdout}`);
    }
  }
  for (const { stdout } of life.runs) assert.doesNotMatch(stdout, /Did you mean/);
}

/** Runs a script with bash; its outputs are what it writes to `GITHUB_OUTPUT`. */
export function scripted(script: string): StepEnd {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-e', '-c', script.replaceAll('>> "$GITHUB_OUTPUT"', '')],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  const written = [...stdout.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);
  return { result: 'success', outputs: Object.fromEntries(written) };
}
