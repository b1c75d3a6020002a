import { registryKey } from '../../../src/credentials/registry-key.ts';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { formatReference, parseReference } from '../../../src/oci/reference.ts';
import { parseSources } from '../../../src/sources/input/parse-sources.ts';
import { knownActions } from './known-actions.ts';
import { ownFolder } from './own-actions.ts';
import type { JobRun, StepRun } from './workflow-run.ts';

/** The flaws of a workflow's jobs that GitHub's parser cannot detect. */
export function flawsOf(jobs: readonly JobRun[]): readonly string[] {
  const pushed = pushedTags(jobs);
  return jobs.flatMap((job) => {
    const ofSteps = job.steps.flatMap((step) => [...unknownNames(step), ...unpushedSources(step, pushed)]);
    const flaws = [...ofSteps, ...missingLogins(job), ...missingArtifacts(job)];
    return flaws.map((flaw) => `job ${job.name}: ${flaw}`);
  });
}

/** Names of actions, versions and inputs that a step uses and that do not exist. */
function unknownNames({ uses, with: given }: StepRun): readonly string[] {
  if (uses === undefined || ownFolder(uses) !== undefined) return [];
  const [name = '', version] = uses.split('@');
  const known = knownActions[name];
  if (known === undefined) return [`uses ${uses}, which is not known here`];
  if (known.version !== version) return [`uses ${uses}, whose newest major version is ${known.version}`];
  const unknown = Object.keys(given).filter((key) => !known.inputs.includes(key));
  return unknown.map((key) => `gives ${name} the input ${key}, which is not known here`);
}

/** The registries that a job pushes to without a login and without a token. */
function missingLogins({ steps, permissions }: JobRun): readonly string[] {
  const logins = steps
    .filter(({ uses }) => uses?.startsWith('docker/login-action@'))
    .map(({ with: { registry } }) => registryKey(String(registry ?? 'docker.io')));
  return steps.flatMap((step) =>
    pushedRegistries(step).flatMap((registry) => {
      const own = ownFolder(step.uses) === undefined ? [] : ['ghcr.io', ...ownLogins(step)];
      const lacksPermission = registry === 'ghcr.io' && permissions['packages'] !== 'write';
      const flaws = lacksPermission ? ['pushes to ghcr.io without packages: write'] : [];
      const isLocal = /^localhost(?::|$)/.test(registry);
      const isKnown = isLocal || logins.includes(registry) || own.includes(registry);
      return isKnown ? flaws : [...flaws, `pushes to ${registry} without a login`];
    }),
  );
}

function pushedRegistries(step: StepRun): readonly string[] {
  const isDryRun = String(step.with['push']) === 'false';
  const pushed = ownFolder(step.uses) === '.' && !isDryRun ? step.with['tags'] : builtTags(step);
  const names = textOf(pushed).split(/[\n,]+/);
  const references = names.map((name) => name.trim()).filter((name) => name !== '');
  return [...new Set(references.map((name) => parseReference(name).repository.registry))];
}

/** The tags that a build step pushes. */
function builtTags({ uses, with: given }: StepRun): string {
  const pushes = given['push'] === 'true' || /\bpush=true\b/.test(textOf(given['outputs']));
  return /^docker\/(?:build-push|bake)-action@/.test(uses ?? '') && pushes ? textOf(given['tags']) : '';
}

function ownLogins(step: StepRun): readonly string[] {
  const found = textOf(step.with['registry-auth']).matchAll(/registry: *(\S+)/g);
  return Array.from(found, ([, registry = '']) => registryKey(registry));
}

/** The artifacts that a job downloads and no job before it uploads. */
function missingArtifacts({ steps, before }: JobRun): readonly string[] {
  const uploads = stepsOf(before, 'actions/upload-artifact').map(({ with: given }) => textOf(given['name']));
  return steps
    .filter(({ uses, with: given }) => isAction(uses, 'actions/download-artifact') && !('run-id' in given))
    .map(({ with: given }) => textOf(given['pattern'] ?? given['name']))
    .filter((pattern) => !uploads.some((name) => globMatches(pattern, name)))
    .map((pattern) => `downloads ${pattern}, which no job before it uploads`);
}

/** The tags that the build steps of a workflow push. */
function pushedTags(jobs: readonly JobRun[]): ReadonlySet<string> {
  const built = jobs.flatMap(({ steps }) => steps).flatMap((step) => builtTags(step).split(/[\n,]+/));
  const tagged = built.map((name) => name.trim()).filter((name) => /:[^/]+$/.test(name));
  return new Set(tagged.map((name) => formatReference(parseReference(name))));
}

/** Tags among the sources of a step, in a repository that build steps push tags to, that none of them pushes. */
function unpushedSources(step: StepRun, pushed: ReadonlySet<string>): readonly string[] {
  if (ownFolder(step.uses) !== '.') return [];
  const repositories = new Set([...pushed].map(repositoryOf));
  return sourceTags(step)
    .filter((source) => repositories.has(repositoryOf(source)) && !pushed.has(source))
    .map((source) => `publishes ${source}, which no build step pushes`);
}

function repositoryOf(tag: string): string {
  return tag.replace(/:[^:/]+$/, '');
}

function sourceTags({ with: given }: StepRun): readonly string[] {
  const platforms = textOf(given['platforms'])
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map(parsePlatform);
  return parseSources(textOf(given['sources']), platforms).lines.flatMap(({ locator }) =>
    locator.kind === 'reference' && locator.digest === undefined ? [formatReference(locator)] : [],
  );
}

function stepsOf(jobs: readonly JobRun[], action: string): readonly StepRun[] {
  return jobs.flatMap(({ steps }) => steps.filter(({ uses }) => isAction(uses, action)));
}

function isAction(uses: string | undefined, name: string): boolean {
  return uses?.startsWith(`${name}@`) ?? false;
}

function globMatches(pattern: string, name: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[^\w-]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(name);
}

function textOf(value: unknown): string {
  return String(value ?? '');
}
