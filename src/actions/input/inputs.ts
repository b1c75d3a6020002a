import type { RegistryLogin } from '../../credentials/login-scope.ts';
import { quote } from '../../oci/format-error.ts';
import { parseRegistry } from '../../oci/registry-name.ts';
import type { ListRequest, PublishRequest } from '../../pipeline/request.ts';
import { matchesTagGlob } from '../../policy/tag-glob.ts';
import type { Runner } from '../../runner/runner.ts';
import { type CredentialHelperLine, parseCredentialHelper } from './credential-helper-line.ts';
import { InputReader, type InputTexts, refuseProblems } from './input-reader.ts';
import { parseDuration } from './input-value.ts';
import { readListRequest } from './list-request.ts';
import { parseRegistryAuth } from './registry-auth-input.ts';
import { findRisks } from './shared-tags.ts';
import { specReaders } from './spec-lists.ts';

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

/** Milliseconds, as in action.yml. */
const defaultWait = 15_000;

/** Reads all inputs at once; throws InputError with every problem in them. */
export async function readInputs(
  runner: Pick<Runner, 'input' | 'environment' | 'directory'>,
): Promise<Inputs> {
  const texts = stepTexts(runner);
  const step = new InputReader(texts);
  const isSpec = step.text('spec').trim() !== '';
  // The inputs of the step are one list.
  const readers = isSpec ? await specReaders(step, texts, runner) : [step];
  const missingSources = step.choice('missing-sources', ['error', 'ignore', 'defer']);
  const lists = readers.map((reader) => readListRequest(reader, missingSources));
  const request: PublishRequest = {
    lists,
    missingSources,
    waitForSources: step.value('wait-for-sources', parseDuration) ?? defaultWait,
    mode: step.flag('push', { true: 'push', false: 'dry-run' }),
    drafts: step.flag('purge', { true: 'purge', false: 'keep' }),
    referrers: step.flag('copy-referrers', { true: 'copy', false: 'leave' }),
    form: isSpec ? 'spec' : 'inputs',
  };
  const { logins, problems } = await parseRegistryAuth(step.text('registry-auth'));
  step.problems.push(...problems);
  const insecure = step.words('insecure-registries', (text) => parseRegistry(text, text));
  const credentialHelpers = step.list('credential-helpers', parseCredentialHelper);
  const summary = step.flag('summary', { true: 'write', false: 'leave' });
  const all = [...new Set([step, ...readers])];
  refuseProblems(all.flatMap((reader) => reader.problems));
  return {
    request,
    registryAuth: logins,
    credentialHelpers,
    insecureRegistries: new Set(insecure),
    githubToken: step.text('github-token').trim(),
    summary,
    warnings: [
      ...new Set([...all.flatMap((reader) => reader.warnings), ...idleGlobs(lists), ...findRisks(request)]),
    ],
  };
}

function stepTexts(runner: Pick<Runner, 'input'>): InputTexts {
  return {
    input: (name) => runner.input(name),
    lineOf: (_, line) => line,
    problem: (input, line, message) => ({ input, line, message }),
  };
}

// A pattern that protects nothing is probably mistyped.
function idleGlobs(lists: readonly ListRequest[]): readonly string[] {
  const used = new Set<string>();
  for (const { tags, immutableTags } of lists) {
    for (const glob of immutableTags)
      if (tags.some(({ tag }) => matchesTagGlob(glob, tag))) used.add(glob.text);
  }
  const globs = lists.flatMap(({ immutableTags }) => immutableTags).filter(({ text }) => !used.has(text));
  return globs.map(({ text }) => `immutable-tags: ${quote(text)} matches none of the tags to publish`);
}
