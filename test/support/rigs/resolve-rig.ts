/** Lines and a context without network, for tests of sources. */
import assert from 'node:assert/strict';
import type { Digest } from '../../../src/oci/digest.ts';
import { parseManifest } from '../../../src/oci/manifest.ts';
import { formatReference, parseReference, type Reference } from '../../../src/oci/reference.ts';
import { ManifestBudget } from '../../../src/registry/manifest-budget.ts';
import { SourceError } from '../../../src/run/errors.ts';
import { parseSources } from '../../../src/sources/input/parse-sources.ts';
import { resolveSource } from '../../../src/sources/resolve/resolve.ts';
import type { ContentStore, Resolved, SourceContext, SourceLine } from '../../../src/sources/source.ts';
import type { TestContent } from '../images/images.ts';
import { Told } from './wire-rig.ts';

/** The only line of a `sources` input that has nothing wrong with it. */
export function lineOf(text: string): SourceLine {
  const { lines, problems } = parseSources(text, []);
  const [line, ...others] = lines;
  if (line && others.length === 0 && problems.length === 0) return line;
  throw new Error(problems.map(({ message }) => message).join('\n') || `${lines.length} lines`);
}

export interface ContextOptions {
  readonly directory?: string;
  readonly dockerConfig?: string;
  /** The targets' repository; null when they have several. */
  readonly repository?: string | null;
  /** The served images, by long reference with tag or digest, or by digest for every repository. */
  readonly served?: Readonly<Record<string, TestContent>>;
}

export interface FakeContext extends SourceContext {
  /** Long references that were asked for. */
  readonly fetched: readonly string[];
  readonly observer: Told;
}

/** A context whose registry is a map. */
export function fakeContext(options: ContextOptions = {}): FakeContext {
  const { directory = '/nowhere', dockerConfig = '/nowhere', repository = 'ghcr.io/acme/app' } = options;
  const fetched: string[] = [];
  return {
    directory,
    dockerConfig,
    repository: repository === null ? undefined : parseReference(repository).repository,
    targets: repository === null ? [] : [parseReference(repository).repository],
    observer: new Told(),
    budget: new ManifestBudget(),
    fetched,
    mayLogIn: async () => false,
    async fetch(line, reference) {
      fetched.push(formatReference(reference));
      return serve(line, reference, options.served ?? {});
    },
  };
}

function serve(
  line: SourceLine,
  reference: Reference,
  served: Readonly<Record<string, TestContent>>,
): Resolved {
  const label = formatReference(reference);
  const content = served[label] ?? served[reference.digest ?? ''];
  if (!content) throw new SourceError('SOURCE_MISSING', `sources line ${line.line}: ${label} does not exist`);
  const manifest = parseManifest(content.bytes, content.mediaType, content.digest as Digest);
  return { line, label, manifest, store: emptyStore(reference) };
}

function emptyStore({ repository }: Reference): ContentStore {
  const refuse = (): never => {
    throw new Error('nothing is read from here');
  };
  return {
    name: repository.path,
    repository,
    getManifest: refuse,
    keep: refuse,
    getBlob: refuse,
    openBlob: refuse,
  };
}

/** Resolves the only line of a `sources` input. */
export function resolveText(text: string, context: SourceContext): Promise<readonly Resolved[]> {
  return resolveSource(lineOf(text), context);
}

/** Content under its own digest, for {@link ContextOptions.served}. */
export function byDigest(...contents: readonly TestContent[]): Readonly<Record<string, TestContent>> {
  return Object.fromEntries(contents.map((content) => [content.digest, content]));
}

/** Asserts that something fails as a source does: its code, and a message that names the line. */
export async function assertRefused(
  work: Promise<unknown>,
  code: string,
  message: RegExp,
): Promise<SourceError> {
  const error = await work.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SourceError)) throw error;
  assert.match(error.message, /^sources line 1: /);
  assert.match(error.message, message);
  assert.equal(error.code, code);
  return error;
}
