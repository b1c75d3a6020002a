/** Scenarios: registries, one or more runs of the action, and a snapshot of all that came out. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { TestContent } from '../images/images.ts';
import { pushImage } from '../registry/push-image.ts';
import { TestRegistry } from '../registry/registry.ts';
import type { RegistryHandle } from '../registry/registry-handle.ts';
import type { RegistryOptions } from '../registry/registry-options.ts';
import { readManifest, type ServedManifest } from '../registry/registry-request.ts';
import { renderTranscript, type TranscriptOrder } from '../wire/wire-transcript.ts';
import type { ActionName } from './action-definition.ts';
import { type ActionInputs, type ActionRun, type RunOptions, runAction } from './run-action.ts';
import {
  type Ground,
  groundAvailable,
  type RegistryWish,
  shareReal,
  startInProcess,
} from './scenario-registry.ts';
import { scrub } from './scrub.ts';

const scenarioLimit = 180_000;

/** The names of throw-away tags. */
const randomProbe = /(-probe-\w+-)[0-9a-f]{8}\b/g;

export interface ScenarioOptions extends RegistryWish {
  /** How many registries; default 1. */
  readonly registries?: number;
  /** Options of every in-process registry. */
  readonly registry?: RegistryOptions;
  readonly skip?: string | false;
}

export interface SharedScenarioOptions extends RegistryWish {
  readonly on: readonly Ground[];
  readonly registries?: number;
  readonly skip?: string | false;
}

export interface SnapshotOptions {
  /** `none` leaves the wire out. Default grouped. */
  readonly wire?: TranscriptOrder | 'none';
}

/** What a scenario works with, on whichever ground. */
export class Scenario<Registry extends RegistryHandle = RegistryHandle> {
  readonly test: TestContext;
  readonly ground: Ground;
  readonly registries: readonly Registry[];
  readonly #name: string;
  /** How many requests earlier snapshots showed, by registry. */
  readonly #shown = new Map<RegistryHandle, number>();

  constructor(name: string, ground: Ground, test: TestContext, registries: readonly Registry[]) {
    this.#name = name;
    this.ground = ground;
    this.test = test;
    this.registries = registries;
  }

  /** The first registry. */
  get registry(): Registry {
    const [first] = this.registries;
    if (first === undefined) throw new Error('the scenario has no registry');
    return first;
  }

  /** `app:1` → the reference at the first (or another) registry. */
  ref(name: string, registry: RegistryHandle = this.registry): string {
    return `${registry.host}/${pathOn(registry, name)}`;
  }

  /** Pushes content to `repository:tag`, or to `repository` by digest only; returns its reference by digest. */
  async push(name: string, content: TestContent, registry: RegistryHandle = this.registry): Promise<string> {
    const [repository = '', tag] = pathOn(registry, name).split(':');
    await pushImage(registry, repository, tag, content);
    return `${registry.host}/${repository}@${content.digest}`;
  }

  /** What `repository:tag` or `repository@digest` serves now, or undefined when there is nothing. */
  served(name: string, registry: RegistryHandle = this.registry): Promise<ServedManifest | undefined> {
    const [, repository = '', reference = ''] = /^([^:@]+)[:@](.+)$/.exec(pathOn(registry, name)) ?? [];
    return readManifest(registry, repository, reference);
  }

  /** The registry-auth input that logs in to every registry that asks. */
  get registryAuth(): string {
    const logins = this.registries.flatMap(({ host, credentials }) =>
      credentials === undefined ? [] : [{ registry: host, ...credentials }],
    );
    return logins.length === 0 ? '' : JSON.stringify(logins);
  }

  /** Runs the publish action; it trusts the registries' certificates. */
  publish(inputs: ActionInputs, options: RunOptions = {}): Promise<ActionRun> {
    return this.#run('publish', inputs, options);
  }

  /** Runs the inspect action in the same way. */
  inspect(inputs: ActionInputs, options: RunOptions = {}): Promise<ActionRun> {
    return this.#run('inspect', inputs, options);
  }

  /** Runs the purge action in the same way. */
  purge(inputs: ActionInputs, options: RunOptions = {}): Promise<ActionRun> {
    return this.#run('purge', inputs, options);
  }

  #run(action: ActionName, inputs: ActionInputs, options: RunOptions): Promise<ActionRun> {
    const caFile = this.registries.find((registry) => registry.caFile !== undefined)?.caFile;
    const env = { ...(caFile !== undefined && { NODE_EXTRA_CA_CERTS: caFile }), ...options.env };
    return runAction(action, inputs, { ...options, env });
  }

  /**
   * Compares the run, and the wire since the last snapshot, with what lies beside the test. On the real registry there is no snapshot: there the run
   * must show what the same scenario showed in process, but for the wire.
   */
  snapshot(run: ActionRun, options: SnapshotOptions = {}): void {
    const shown = this.#scrub(renderRun(run), run);
    if (this.ground === 'in-process') {
      remember(this.#name, shown);
      const whole = [shown, ...this.#wires(run, options.wire ?? 'grouped')].join('\n\n');
      this.test.assert.snapshot(whole, { serializers: [String] });
      return;
    }
    const known = takeRemembered(this.#name);
    if (known !== undefined) assert.equal(withoutMarks(shown), withoutMarks(known));
  }

  /** The requests since the last snapshot. */
  #wires(run: ActionRun, order: TranscriptOrder | 'none'): string[] {
    if (order === 'none') return [];
    const inProcess = this.registries.filter((registry) => registry instanceof TestRegistry);
    return inProcess.map((registry) => {
      const entries = registry.wire.slice(this.#shown.get(registry) ?? 0).map(withoutRandom);
      this.#shown.set(registry, registry.wire.length);
      return this.#scrub(section(`wire of ${registry.host}`, renderTranscript(entries, order)), run);
    });
  }

  #scrub(text: string, run: ActionRun): string {
    const hosts = this.registries.flatMap(({ host, folder }, index) => [
      [host, `registry-${index + 1}.test`] as const,
      ...(folder === undefined ? [] : [[folder, ''] as const]),
    ]);
    const directories = new Map([
      [run.directory.temp, '<runner-temp>'],
      [run.directory.home, '<home>'],
      [run.directory.workspace, '<workspace>'],
      [run.directory.path, '<run>'],
    ]);
    // The rest of the name of json-file is random.
    const named = text.replace(
      /(manifest-(?:<wbr>)?list-(?:<wbr>)?[0-9a-f]{16})-(?:[0-9a-f-]|<wbr>)+\.json/g,
      '$1.json',
    );
    const probes = named.replace(randomProbe, '$1<random>');
    return scrub(probes, { hosts: new Map(hosts), directories });
  }
}

// Requests of one group are sorted, so random parts of their paths go first.
function withoutRandom<Entry extends { readonly path: string }>(entry: Entry): Entry {
  return { ...entry, path: entry.path.replace(randomProbe, '$1<random>') };
}

/** `app:1` → `z12/app:1`, where the registry is shared. */
function pathOn({ folder = '' }: RegistryHandle, name: string): string {
  return `${folder}${name}`;
}

/** A folder's slash ends what Markdown may take for an emoji. */
function withoutMarks(text: string): string {
  return text.replaceAll('<span>&#58;</span>', ':');
}

/** Snapshots of scenarios in process, for the same scenarios on the real registry: name → runs in order. */
const remembered = new Map<string, string[]>();

function remember(name: string, shown: string): void {
  remembered.set(name, [...(remembered.get(name) ?? []), shown]);
}

function takeRemembered(name: string): string | undefined {
  return remembered.get(name)?.shift();
}

type Body<Registry extends RegistryHandle> = (scenario: Scenario<Registry>) => Promise<void>;

/** Declares a scenario on in-process registries. */
export function scenario(name: string, options: ScenarioOptions, body: Body<TestRegistry>): void;
/** Declares the same scenario on every ground named; in process first. */
export function scenario(name: string, options: SharedScenarioOptions, body: Body<RegistryHandle>): void;
export function scenario(
  name: string,
  options: ScenarioOptions | SharedScenarioOptions,
  body: Body<TestRegistry> | Body<RegistryHandle>,
): void {
  const grounds = 'on' in options ? options.on : (['in-process'] as const);
  const settings = { timeout: scenarioLimit, skip: options.skip ?? false };
  for (const ground of grounds) {
    const title = ground === 'real' ? `${name} (real registry)` : name;
    test(title, settings, async (context) => {
      if (!groundAvailable(ground)) return context.skip('docker-registry is not on PATH');
      const registries = await startAll(context, ground, options);
      await (body as Body<RegistryHandle>)(new Scenario(name, ground, context, registries));
    });
  }
}

async function startAll(
  context: TestContext,
  ground: Ground,
  options: ScenarioOptions,
): Promise<readonly RegistryHandle[]> {
  const registries: RegistryHandle[] = [];
  context.after(() => Promise.all(registries.map((registry) => registry.close())));
  for (let count = options.registries ?? 1; count > 0; count--)
    registries.push(
      ground === 'real'
        ? await shareReal(options, count)
        : await startInProcess(options, options.registry ?? {}),
    );
  return registries;
}

/** A run as plain text, part by part. */
function renderRun(run: ActionRun): string {
  const outputs = Object.entries(run.outputs).sort(([one], [other]) => (one < other ? -1 : 1));
  const parts = [
    `exit code ${run.exitCode ?? run.signal}`,
    section('stdout', run.stdout),
    ...(run.stderr === '' ? [] : [section('stderr', run.stderr)]),
    section('outputs', outputs.map(([name, value]) => renderOutput(name, value)).join('\n')),
    section('summary', run.summary),
  ];
  return parts.join('\n\n');
}

function renderOutput(name: string, value: string): string {
  return value.includes('\n') ? `${name}:\n  ${value.replaceAll('\n', '\n  ')}` : `${name}: ${value}`;
}

function section(title: string, text: string): string {
  return `--- ${title}\n${text.trimEnd()}`;
}
