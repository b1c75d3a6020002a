import { FormatError } from '../../oci/format-error.ts';
import type { HeldManifest, Manifest } from '../../oci/manifest.ts';
import { formatReference, formatRepository, type Reference, type Repository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import type { Clock } from '../../run/clock.ts';
import { ActionError, RegistryError, withHint } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { Observer } from '../../run/observer.ts';
import { pollUntil } from '../../run/poll.ts';
import { absentWord } from '../explanation.ts';
import type { ContentStore, Resolved, SourceContext, SourceLine } from '../source.ts';
import { requestError, sourceError } from '../source-error.ts';
import { similarTag } from './similar-tag.ts';

/** The content of a repository; what is missing is requested again while `patience` lasts, like the source itself. */
export function registryStore(
  client: RegistryClient,
  repository: Repository,
  patience: Patience,
): ContentStore & { readonly repository: Repository } {
  return {
    name: formatRepository(repository),
    repository,
    getManifest: (digest, size) => patiently(() => client.getManifest(repository, digest, size), patience),
    keep: (manifest) => client.budget.keep(manifest),
    getBlob: (descriptor) => {
      const read = () => client.getBlob(repository, descriptor);
      // A blob with URLs may never be in the registry.
      return descriptor['urls'] === undefined ? patiently(read, patience) : read();
    },
    async *openBlob(descriptor, offset = 0) {
      yield* await client.openBlob(repository, descriptor, offset);
    },
  };
}

/** How long to wait for a source that does not exist yet. */
interface Patience {
  readonly waits?: SourceWaits | undefined;
  /** Milliseconds from the first attempt. */
  readonly wait: number;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

interface Lookup {
  /** Milliseconds to wait for a reference that does not exist; content of sources has its own time limit. */
  readonly wait: number;
  /** Whether the error of a missing reference suggests a tag with a similar name, which needs a request. */
  readonly missing: 'suggest' | 'report';
}

/**
 * Reads the manifests of references, each once however many lines name it. A source that is missing is requested again
 * while patience lasts, since a registry may serve a manifest only some time after it accepted it
 * (int128/docker-manifest-create-action#857).
 */
export function registryFetch(
  client: RegistryClient,
  patience: Patience,
  lookup: Lookup = { wait: patience.wait, missing: 'suggest' },
): SourceContext['fetch'] {
  const { wait } = lookup;
  const manifests = new Memo<string, HeldManifest>();
  const listings = new Memo<string, readonly string[]>();
  const meantTag = async ({ repository, tag, digest }: Reference): Promise<string | undefined> => {
    if (lookup.missing === 'report' || tag === undefined || digest !== undefined) return undefined;
    const listing = listings.get(formatRepository(repository), () => client.listTags(repository));
    return similarTag(tag, await listing);
  };
  return async (line, reference) => {
    const label = formatReference(reference);
    const store = registryStore(client, reference.repository, patience);
    const look = async () =>
      store.keep(await patiently(() => read(client, reference), { ...patience, wait }, label));
    try {
      const manifest = await manifests.get(label, look);
      return { line, label, manifest, store } satisfies Resolved;
    } catch (error) {
      const meant = isMissing(error) ? await meantTag(reference) : undefined;
      throw sourceFailure(line, reference, error, { wait, meant });
    }
  };
}

function read(client: RegistryClient, reference: Reference): Promise<Manifest> {
  return client.getManifest(reference.repository, reference.digest ?? reference.tag ?? 'latest');
}

/** `label`: the name of the source in the log; nothing is logged for content of sources. */
async function patiently<T>(read: () => Promise<T>, { wait, clock, waits }: Patience, label?: string) {
  const retryUntil = clock.now() + wait;
  try {
    return await pollUntil(clock, { first: 500, max: 4000 }, async () => {
      try {
        return { result: await read() };
      } catch (error) {
        if (!isMissing(error)) throw error;
        if (label !== undefined && clock.now() < retryUntil) waits?.missing(label, wait, retryUntil);
        const otherwise = (): never => {
          throw error;
        };
        return { retryUntil, otherwise };
      }
    });
  } finally {
    if (label !== undefined) waits?.ended(label);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'NOT_FOUND';
}

/** What people write in place of a reference that exists. */
function writtenHint({ repository, tag = '' }: Reference): string {
  if (repository.registry === 'localhost')
    return 'Podman names the images of its machine localhost/…: push the image, and write its name in the registry. ';
  const word = absentWord(tag);
  if (word !== undefined)
    return `The tag has the word ${word}, which stands for a value that does not exist. `;
  const [found] = /(?<![A-Za-z0-9])(?:OS|ARCH|VARIANT)+(?![A-Za-z0-9])/.exec(tag) ?? [];
  if (found === undefined) return '';
  const place = found.replaceAll(/OS|ARCH|VARIANT/g, (name) => `{${name.toLowerCase()}}`);
  return `${found} is a placeholder of manifest-tool: write ${place} and set \`platforms\`. `;
}

function sourceFailure(
  line: SourceLine,
  reference: Reference,
  error: unknown,
  { wait, meant }: Pick<Patience, 'wait'> & { readonly meant: string | undefined },
): unknown {
  if (!(error instanceof ActionError)) return error;
  const { cause, hint } = error;
  const label = formatReference(reference);
  const written = writtenHint(reference);
  if (isMissing(error)) {
    const question = meant === undefined ? '' : ` Did you mean ${meant}?`;
    const waited = wait === 0 ? '' : ` (waited ${wait / 1000} s)`;
    return sourceError(line, 'SOURCE_MISSING', `${label} does not exist${waited}`, {
      hint: `${written}Check that the job that pushes it ran before this step; a build without \`push: true\` leaves it on its machine.${question} ${hint ?? ''}`.trim(),
      cause: error,
    });
  }
  if (error.code === 'BAD_MANIFEST' && cause instanceof FormatError) {
    const message = `${label} is not an image: ${cause.message}`;
    return sourceError(line, 'SOURCE_NOT_AN_IMAGE', message, { hint, cause: error });
  }
  const failure = requestError(line, label, error, reference.repository);
  return written === '' ? failure : withHint(failure, written + (hint ?? ''));
}

/** Milliseconds between two lines about sources that are still missing. */
const nextLine = 30_000;

const maxNames = 5;

/** Logs the sources that a run waits for: each once, and every 30 seconds the sources that are still missing. */
export class SourceWaits {
  readonly #observer: Pick<Observer, 'info'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #missing = new Map<string, number>();
  #due = 0;

  constructor(observer: Pick<Observer, 'info'>, clock: Pick<Clock, 'now'>) {
    this.#observer = observer;
    this.#clock = clock;
  }

  /** Notes that a source is missing; `wait`: milliseconds to wait for it, `until`: the end of the wait on the clock. */
  missing(label: string, wait: number, until: number): void {
    const now = this.#clock.now();
    if (!this.#missing.has(label)) {
      if (this.#missing.size === 0) this.#due = now + nextLine;
      this.#missing.set(label, until);
      this.#observer.info(`Waiting up to ${wait / 1000} s for ${label}`);
    }
    if (now < this.#due) return;
    this.#due = now + nextLine;
    this.#observer.info(this.#line(now));
  }

  ended(label: string): void {
    this.#missing.delete(label);
  }

  #line(now: number): string {
    const names = [...this.#missing.keys()];
    const shown = names.slice(0, maxNames).join(', ');
    const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
    const left = Math.ceil((Math.max(...this.#missing.values()) - now) / 1000);
    return `Still waiting, up to ${left} s more, for ${shown}${more}`;
  }
}
