import type { RegistryLogin } from '../../credentials/login-scope.ts';
import { type Annotation, collectAnnotations, parseAnnotation } from '../../oci/annotations.ts';
import { FormatError, quote } from '../../oci/format-error.ts';
import { type Platform, parsePlatform } from '../../oci/platform.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import { parseRegistry } from '../../oci/registry-name.ts';
import type { ListRequest, PublishRequest, TargetTag } from '../../pipeline/request.ts';
import { matchesTagGlob, parseTagGlob, type TagGlob } from '../../policy/tag-glob.ts';
import { InputError, type InputProblem } from '../../run/errors.ts';
import type { Runner } from '../../runner/runner.ts';
import { parseSources } from '../../sources/input/parse-sources.ts';
import { checkSingleWord, findYamlList } from '../../sources/input/pasted-form.ts';
import { attempt } from '../../sources/input/problem-list.ts';
import { type CredentialHelperLine, parseCredentialHelper } from './credential-helper-line.ts';
import { type InputItem, splitList } from './input-list.ts';
import { parseChoice, parseDuration, parseFlag } from './input-value.ts';
import { parseRegistryAuth } from './registry-auth-input.ts';
import { findContradictions, findRisks } from './shared-tags.ts';

/** Every input of the publishing action, read and parsed. */
export interface Inputs {
  readonly request: PublishRequest;
  readonly registryAuth: readonly RegistryLogin[];
  readonly credentialHelpers: readonly CredentialHelperLine[];
  readonly insecureRegistries: ReadonlySet<string>;
  readonly githubToken: string;
  readonly summary: 'write' | 'leave';
  /** What is valid, but may not be what was meant. */
  readonly warnings: readonly string[];
}

const lostOutputs =
  'sources is JSON, but `platforms` is not set: GitHub drops job outputs that are empty or contain a secret, and a dropped output cannot be noticed. List the expected platforms in `platforms`.';

/** Milliseconds, as in action.yml. */
const defaultWait = 15_000;

/** Reads all inputs at once; throws InputError with every problem in them. */
export async function readInputs(runner: Pick<Runner, 'input'>): Promise<Inputs> {
  const reader = new InputReader(runner);
  const platforms = reader.words('platforms', parsePlatform);
  const tags = unique(reader.words('tags', parseTarget));
  const missingSources = reader.choice('missing-sources', ['error', 'ignore', 'defer']);
  const base = reader.value('amend', parseFlag) === 'true' ? 'amend' : 'replace';
  const list: ListRequest = {
    tags,
    platforms,
    sources: reader.sources(platforms),
    annotations: collectAnnotations(reader.list('annotations', parseUnquoted) as readonly Annotation[]),
    format: reader.choice('format', ['auto', 'docker', 'oci']),
    index: reader.flag('prefer-index', { true: 'always', false: 'needed' }),
    attestations: reader.choice('attestations', ['keep', 'drop']),
    platformMismatch: reader.choice('platform-mismatch', ['error', 'warn']),
    duplicatePlatforms: reader.choice('duplicate-platforms', ['error', 'first', 'last']),
    missingPlatforms: missingSources === 'ignore' ? 'allow' : 'refuse',
    base,
    removedPlatforms: reader.choice('removed-platforms', ['warn', 'allow', 'error']),
    immutableTags: reader.immutableTags(tags),
  };
  const request: PublishRequest = {
    lists: [list],
    missingSources,
    waitForSources: reader.value('wait-for-sources', parseDuration) ?? defaultWait,
    mode: reader.flag('push', { true: 'push', false: 'dry-run' }),
    drafts: reader.flag('purge', { true: 'purge', false: 'keep' }),
    referrers: reader.flag('copy-referrers', { true: 'copy', false: 'leave' }),
  };
  reader.refuse(findContradictions({ ...request, ...list }));
  reader.warnings.push(...findRisks(request));
  if (tags.length === 0)
    reader.require('tags', 'lists no tag to publish; write one per line, such as ghcr.io/acme/app:latest');
  const registryAuth = await reader.registryAuth();
  const insecure = reader.words('insecure-registries', (text) => parseRegistry(text, text));
  const credentialHelpers = reader.list('credential-helpers', parseCredentialHelper);
  const summary = reader.flag('summary', { true: 'write', false: 'leave' });
  reader.finish();
  return {
    request,
    registryAuth,
    credentialHelpers,
    insecureRegistries: new Set(insecure),
    githubToken: runner.input('github-token').trim(),
    summary,
    warnings: reader.warnings,
  };
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

/** Reads inputs one by one and collects their problems. */
class InputReader {
  readonly #runner: Pick<Runner, 'input'>;
  readonly #problems: InputProblem[] = [];
  readonly warnings: string[] = [];

  constructor(runner: Pick<Runner, 'input'>) {
    this.#runner = runner;
  }

  list<T>(
    input: string,
    parse: (text: string) => T,
    split: Parameters<typeof splitList>[1] = {},
  ): readonly T[] {
    const text = this.#runner.input(input);
    const pasted = findYamlList(text);
    if (pasted !== undefined) {
      this.#problems.push({ input, ...pasted });
      return [];
    }
    return splitList(text, split).flatMap((item) => this.#parsed(input, item, parse) ?? []);
  }

  /** A list of single words. */
  words<T>(input: string, parse: (text: string) => T): readonly T[] {
    const parseWord = (text: string): T => {
      checkSingleWord(text);
      return parse(text);
    };
    return this.list(input, parseWord, { commas: 'separate' });
  }

  /** The value of an input; undefined, its default, when it is empty: so is `${{ inputs.format }}` that no caller gave. */
  value<T>(input: string, parse: (text: string) => T): T | undefined {
    const text = this.#runner.input(input).trim();
    return text === '' ? undefined : this.#parsed(input, { text }, parse);
  }

  choice<const T extends string>(input: string, choices: readonly [T, ...T[]]): T {
    return this.value(input, (text) => parseChoice(text, choices)) ?? choices[0];
  }

  flag<const T>(input: string, meanings: { readonly true: T; readonly false: T }): T {
    return this.value(input, parseFlag) === 'false' ? meanings.false : meanings.true;
  }

  sources(platforms: readonly Platform[]): ListRequest['sources'] {
    const { lines, problems, documents } = parseSources(this.#runner.input('sources'), platforms);
    this.#problems.push(...problems);
    if (documents > 0 && platforms.length === 0) this.warnings.push(lostOutputs);
    return lines;
  }

  immutableTags(tags: readonly TargetTag[]): readonly TagGlob[] {
    const globs = this.words('immutable-tags', parseTagGlob);
    const idle = globs.filter((glob) => !tags.some(({ tag }) => matchesTagGlob(glob, tag)));
    for (const { text } of idle)
      this.warnings.push(`immutable-tags: ${quote(text)} matches none of the tags to publish`);
    return globs;
  }

  async registryAuth(): Promise<readonly RegistryLogin[]> {
    const { logins, problems } = await parseRegistryAuth(this.#runner.input('registry-auth'));
    this.#problems.push(...problems);
    return logins;
  }

  refuse(problems: readonly InputProblem[]): void {
    this.#problems.push(...problems);
  }

  require(input: string, message: string): void {
    if (!this.#problems.some((problem) => problem.input === input)) this.#problems.push({ input, message });
  }

  finish(): void {
    if (this.#problems.length > 0) throw new InputError(this.#problems);
  }

  #parsed<T>(input: string, { text, line }: InputItem, parse: (text: string) => T): T | undefined {
    return attempt(
      () => parse(text),
      (message) => this.#problems.push({ input, line, message }),
    );
  }
}
