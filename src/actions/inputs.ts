import type { RegistryLogin } from '../credentials/login-scope.ts';
import { type Annotation, collectAnnotations, parseAnnotation } from '../oci/annotations.ts';
import { FormatError, quote } from '../oci/format-error.ts';
import { type Platform, parsePlatform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { parseRegistry } from '../oci/registry-name.ts';
import type { PublishRequest, TargetTag } from '../pipeline/request.ts';
import { InputError, type InputProblem } from '../run/errors.ts';
import { parseSources } from '../sources/input/parse-sources.ts';
import { attempt } from '../sources/input/problem-list.ts';
import { type CredentialHelperLine, parseCredentialHelper } from './credential-helper-line.ts';
import { type InputItem, splitList } from './input-list.ts';
import { parseChoice, parseDuration, parseFlag } from './input-value.ts';
import { parseRegistryAuth } from './registry-auth-input.ts';
import type { Runner } from './runner.ts';

/** Every input of the publishing action, read and parsed. */
export interface Inputs {
  readonly request: PublishRequest;
  readonly registryAuth: readonly RegistryLogin[];
  readonly credentialHelpers: readonly CredentialHelperLine[];
  readonly insecureRegistries: ReadonlySet<string>;
  readonly githubToken: string;
  readonly summary: 'write' | 'leave';
}

/** Reads all inputs at once; throws InputError with every problem in them. */
export async function readInputs(runner: Pick<Runner, 'input'>): Promise<Inputs> {
  const reader = new InputReader(runner);
  const platforms = reader.list('platforms', parsePlatform, { commas: 'separate' });
  const tags = unique(reader.list('tags', parseTarget, { commas: 'separate' }));
  const request: PublishRequest = {
    tags,
    platforms,
    sources: reader.sources(platforms),
    annotations: collectAnnotations(reader.list('annotations', parseAnnotation) as readonly Annotation[]),
    format: reader.choice('format', ['auto', 'docker', 'oci']),
    index: reader.flag('prefer-index', { true: 'always', false: 'needed' }),
    attestations: reader.choice('attestations', ['keep', 'drop']),
    platformMismatch: reader.choice('platform-mismatch', ['error', 'warn']),
    duplicatePlatforms: reader.choice('duplicate-platforms', ['error', 'first', 'last']),
    waitForSources: reader.value('wait-for-sources', parseDuration) ?? 0,
    mode: reader.flag('push', { true: 'push', false: 'dry-run' }),
    drafts: reader.flag('purge', { true: 'purge', false: 'keep' }),
    referrers: reader.flag('copy-referrers', { true: 'copy', false: 'leave' }),
  };
  if (tags.length === 0)
    reader.require('tags', 'lists no tag to publish; write one per line, such as ghcr.io/acme/app:latest');
  const registryAuth = await reader.registryAuth();
  const insecure = reader.list('insecure-registries', (text) => parseRegistry(text, text), {
    commas: 'separate',
  });
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

function unique(tags: readonly TargetTag[]): readonly TargetTag[] {
  return [...new Map(tags.map((tag) => [formatReference(tag), tag])).values()];
}

/** Reads inputs one by one and collects their problems. */
class InputReader {
  readonly #runner: Pick<Runner, 'input'>;
  readonly #problems: InputProblem[] = [];

  constructor(runner: Pick<Runner, 'input'>) {
    this.#runner = runner;
  }

  list<T>(
    input: string,
    parse: (text: string) => T,
    split: Parameters<typeof splitList>[1] = {},
  ): readonly T[] {
    return splitList(this.#runner.input(input), split).flatMap(
      (item) => this.#parsed(input, item, parse) ?? [],
    );
  }

  value<T>(input: string, parse: (text: string) => T): T | undefined {
    return this.#parsed(input, { text: this.#runner.input(input).trim() }, parse);
  }

  choice<const T extends string>(input: string, choices: readonly [T, ...T[]]): T {
    return this.value(input, (text) => parseChoice(text, choices)) ?? choices[0];
  }

  flag<const T>(input: string, meanings: { readonly true: T; readonly false: T }): T {
    return this.value(input, parseFlag) === 'false' ? meanings.false : meanings.true;
  }

  sources(platforms: readonly Platform[]): PublishRequest['sources'] {
    const { lines, problems } = parseSources(this.#runner.input('sources'), platforms);
    this.#problems.push(...problems);
    return lines;
  }

  async registryAuth(): Promise<readonly RegistryLogin[]> {
    const { logins, problems } = await parseRegistryAuth(this.#runner.input('registry-auth'));
    this.#problems.push(...problems);
    return logins;
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
