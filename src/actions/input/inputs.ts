import {
  type Annotation,
  type AnnotationLevels,
  collectAnnotations,
  parseAnnotation,
} from '../../oci/annotations.ts';
import { FormatError, quote } from '../../oci/format-error.ts';
import { type Platform, parsePlatform } from '../../oci/platform.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { ListRequest, PublishRequest, TargetTag } from '../../pipeline/request.ts';
import { publishedSources } from '../../pipeline/untag/staging-tags.ts';
import { matchesTagGlob, parseTagGlob, type TagGlob } from '../../policy/tag-glob.ts';
import type { Runner } from '../../runner/runner.ts';
import { parseSources } from '../../sources/input/parse-sources.ts';
import { InputReader } from './input-reader.ts';
import { parseDuration, parseFlag } from './input-value.ts';
import { repositoryAnnotations } from './repository-annotations.ts';
import { findContradictions, findRisks } from './shared-tags.ts';
import { readStepInputs, type StepInputs } from './step-inputs.ts';

/** Every input of the publishing action, read and parsed. */
export interface Inputs extends StepInputs {
  readonly request: PublishRequest;
  /** Whether the images are declared as artifacts of the job. */
  readonly subjects: 'declare' | 'leave';
}

const lostOutputs =
  'sources is JSON, but `platforms` is not set: GitHub drops job outputs that are empty or contain a secret, and a dropped output cannot be noticed. List the expected platforms in `platforms`.';

/** Milliseconds, as in action.yml. */
const defaultWait = 15_000;

/** What inputs are read from; without an environment, nothing is known of the workflow. */
type InputSource = Pick<Runner, 'input'> & Partial<Pick<Runner, 'environment'>>;

/** Reads all inputs at once; throws InputError with every problem in them. */
export async function readInputs(runner: InputSource): Promise<Inputs> {
  const reader = new InputReader(runner);
  const platforms = reader.words('platforms', parsePlatform);
  const tags = unique(reader.words('tags', parseTarget));
  const missingSources = reader.choice('missing-sources', ['error', 'ignore', 'defer']);
  const base = reader.value('amend', parseFlag) === 'true' ? 'amend' : 'replace';
  const list: ListRequest = {
    tags,
    platforms,
    sources: readSources(reader, platforms),
    annotations: {
      ...collectAnnotations(reader.list('annotations', parseUnquoted) as readonly Annotation[]),
      ...(await readRepositoryAnnotations(reader, runner.environment)),
    },
    format: reader.choice('format', ['auto', 'docker', 'oci']),
    index: reader.flag('prefer-index', { true: 'always', false: 'needed' }),
    attestations: reader.choice('attestations', ['keep', 'drop']),
    platformMismatch: reader.choice('platform-mismatch', ['error', 'warn']),
    duplicatePlatforms: reader.choice('duplicate-platforms', ['error', 'first', 'last']),
    missingPlatforms: missingSources === 'ignore' || base === 'amend' ? 'allow' : 'refuse',
    base,
    removedPlatforms: reader.choice('removed-platforms', ['warn', 'allow', 'error']),
    immutableTags: readImmutableTags(reader, tags),
  };
  const request: PublishRequest = {
    lists: [list],
    missingSources,
    waitForSources: reader.value('wait-for-sources', parseDuration) ?? defaultWait,
    mode: reader.flag('push', { true: 'push', false: 'dry-run' }),
    drafts: reader.flag('purge', { true: 'purge', false: 'keep' }),
    sourceTags: reader.flag('purge-sources', { true: 'purge', false: 'keep' }, 'false'),
    referrers: reader.flag('copy-referrers', { true: 'copy', false: 'leave' }),
  };
  reader.refuse(findContradictions({ ...request, base }));
  reader.warnings.push(...findRisks({ ...request, base }));
  if (tags.length === 0)
    reader.require('tags', 'lists no tag to publish; write one per line, such as ghcr.io/acme/app:latest');
  if (request.sourceTags === 'purge') reader.refuse(publishedSources(request.lists));
  const subjects = reader.flag('declare-subjects', { true: 'declare', false: 'leave' }, 'false');
  const step = await readStepInputs(reader);
  reader.finish();
  return { request, subjects, ...step };
}

async function readRepositoryAnnotations(
  reader: InputReader,
  environment: Runner['environment'] = {},
): Promise<Pick<AnnotationLevels, 'defaults'>> {
  const input = 'repository-annotations';
  if (reader.flag(input, { true: 'add', false: 'leave' }, 'false') === 'leave') return {};
  if (reader.text('format').trim() === 'docker') {
    const message = 'needs an OCI index, but `format: docker` cannot hold annotations';
    reader.refuse([{ input, message }]);
  }
  const { annotations, warnings } = await repositoryAnnotations(environment);
  reader.warnings.push(...warnings);
  return { defaults: annotations };
}

function readSources(reader: InputReader, platforms: readonly Platform[]): ListRequest['sources'] {
  const { lines, problems, documents } = parseSources(reader.text('sources'), platforms);
  reader.refuse(problems);
  if (documents > 0 && platforms.length === 0) reader.warnings.push(lostOutputs);
  return lines;
}

function parseTarget(text: string): TargetTag {
  const reference = parseReference(text);
  const form = 'registry/repository:tag, such as ghcr.io/acme/app:1.2.3';
  if (reference.digest !== undefined)
    throw new FormatError(`${quote(text)} has a digest, but a target is a tag`, form);
  if (reference.tag === undefined) throw new FormatError(`${quote(text)} has no tag`, form);
  return { repository: reference.repository, tag: reference.tag };
}

// YAML keeps quotes within a block, and no key begins with one.
function parseUnquoted(text: string): Annotation {
  if (!/^["']/.test(text)) return parseAnnotation(text);
  throw new FormatError(
    `annotation ${quote(text)} begins with a quote`,
    'key=value without quotes around it',
  );
}

function unique(tags: readonly TargetTag[]): readonly TargetTag[] {
  return [...new Map(tags.map((tag) => [formatReference(tag), tag])).values()];
}

function readImmutableTags(reader: InputReader, tags: readonly TargetTag[]): readonly TagGlob[] {
  const globs = reader.words('immutable-tags', parseTagGlob);
  const idle = globs.filter((glob) => !tags.some(({ tag }) => matchesTagGlob(glob, tag)));
  for (const { text } of idle)
    reader.warnings.push(`immutable-tags: ${quote(text)} matches none of the tags to publish`);
  return globs;
}
