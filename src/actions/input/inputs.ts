import type { AnnotationLevels } from '../../oci/annotations.ts';
import { quote } from '../../oci/format-error.ts';
import { dockerHub } from '../../oci/reference.ts';
import type { ListRequest, PublishRequest } from '../../pipeline/request.ts';
import { publishedSources } from '../../pipeline/untag/staging-tags.ts';
import { matchesTagGlob } from '../../policy/tag-glob.ts';
import { joined } from '../../run/finding.ts';
import type { Runner } from '../../runner/runner.ts';
import { specInputs, stepInputs } from '../../spec-input/spec-inputs.ts';
import {
  InputReader,
  nameUnknownInputs,
  type OtherDryRun,
  refuseProblems,
  stepTexts,
} from './input-reader.ts';
import { isFlag, isOff, parseDuration } from './input-value.ts';
import { readListRequest } from './list-request.ts';
import { repositoryAnnotations } from './repository-annotations.ts';
import { findRisks, findSoleSource, findStepContradictions } from './shared-tags.ts';
import type { ShortNames } from './short-names.ts';
import { specReaders } from './spec-lists.ts';
import { readStepInputs, type StepInputs } from './step-inputs.ts';

/** Every input of the publish action, read and parsed. */
export interface Inputs extends StepInputs {
  readonly request: PublishRequest;
  /** Whether the images are declared as artifacts of the job. */
  readonly subjects: 'declare' | 'leave';
  readonly shortNames?: ShortNames;
  /** What the log says of valid inputs, such as lists that are left out. */
  readonly notes?: readonly string[];
}

/** Milliseconds, as in action.yml. */
const defaultWait = 15_000;

const inputNames: ReadonlySet<string> = new Set([...Object.keys(specInputs), ...stepInputs]);
const otherDryRun: OtherDryRun = {
  name: 'dry-run',
  asks: (value) => !isOff(value),
  remedy: 'write `push: false`',
};

/** Reads all inputs; throws InputError with every problem in them. */
export async function readInputs(
  runner: Pick<Runner, 'input' | 'environment' | 'directory'>,
): Promise<Inputs> {
  const texts = stepTexts(runner);
  const step = new InputReader(texts);
  const isSpec = step.text('spec').trim() !== '';
  // The inputs of the step are one list.
  const readers = isSpec ? await specReaders(step, texts, runner) : [step];
  const missingSources = step.choice('missing-sources', ['error', 'ignore', 'defer']);
  const annotations = await readRepositoryAnnotations(step, runner.environment);
  const lists = readers.map((reader) => readListRequest(reader, annotations, missingSources));
  const request: PublishRequest = {
    lists,
    missingSources,
    waitForSources: step.value('wait-for-sources', parseDuration) ?? defaultWait,
    mode: step.flag('push', { true: 'push', false: 'dry-run' }),
    drafts: step.flag('purge', { true: 'purge', false: 'keep' }),
    sourceTags: step.flag('purge-sources', { true: 'purge', false: 'keep' }, 'false'),
    referrers: step.flag('copy-referrers', { true: 'copy', false: 'leave' }),
    form: isSpec ? 'spec' : 'inputs',
  };
  step.problems.push(...findStepContradictions(request), ...findSoleSource(request));
  if (request.sourceTags === 'purge') step.problems.push(...publishedSources(lists, request.form));
  for (const risk of findRisks(request)) step.warn(() => risk);
  for (const { text, message } of idleGlobs(lists))
    if (isFlag(text)) step.warn(() => message);
    else step.notes.push(message);
  const subjects = step.flag('declare-subjects', { true: 'declare', false: 'leave' }, 'false');
  const shared = await readStepInputs(step);
  const all = [...new Set([step, ...readers])];
  const problems = all.flatMap((reader) => reader.problems);
  refuseProblems(nameUnknownInputs(problems, inputNames, runner, otherDryRun));
  const shortNames = shortNamesOf(readers, lists);
  const warnings = joined(all.flatMap((reader) => reader.warnings));
  return {
    request,
    subjects,
    ...shared,
    warnings,
    ...(shortNames && { shortNames }),
    ...(step.notes.length > 0 && { notes: step.notes }),
  };
}

function shortNamesOf(readers: readonly InputReader[], lists: readonly ListRequest[]) {
  const names = new Map(readers.flatMap(({ shortNames }) => [...shortNames]));
  if (names.size === 0) return undefined;
  const registries = lists.flatMap(({ tags, sources }) => [
    ...tags.map(({ repository }) => repository.registry),
    ...sources.flatMap(({ locator }) => ('repository' in locator ? locator.repository.registry : [])),
  ]);
  return { names, registry: registries.find((name) => name !== dockerHub) ?? 'ghcr.io' };
}

async function readRepositoryAnnotations(
  step: InputReader,
  environment: Runner['environment'],
): Promise<AnnotationLevels['defaults']> {
  const input = 'repository-annotations';
  if (step.flag(input, { true: 'add', false: 'leave' }, 'false') === 'leave') return undefined;
  if (step.text('format').trim() === 'docker')
    step.refuse(input, undefined, 'needs an OCI index, but `format: docker` cannot hold annotations');
  const { annotations, warnings } = await repositoryAnnotations(environment);
  for (const warning of warnings) step.warn(() => warning);
  return annotations;
}

const globInputs = { immutableTags: 'immutable-tags', forwardOnlyTags: 'forward-only-tags' } as const;

// Not a warning: patterns for releases match nothing when another branch is built.
function idleGlobs(lists: readonly ListRequest[]) {
  return (['immutableTags', 'forwardOnlyTags'] as const).flatMap((field) => {
    const used = new Set<string>();
    for (const { tags, [field]: globs } of lists) {
      for (const glob of globs) if (tags.some(({ tag }) => matchesTagGlob(glob, tag))) used.add(glob.text);
    }
    const idle = lists.flatMap(({ [field]: globs }) => globs).filter(({ text }) => !used.has(text));
    return idle.map(({ text }) => {
      const remedy = isFlag(text) ? '; write the names of tags, such as latest' : '';
      return {
        text,
        message: `${globInputs[field]}: ${quote(text)} matches none of the tags to publish${remedy}`,
      };
    });
  });
}
