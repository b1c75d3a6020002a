import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { FormatError } from '../../oci/format-error.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatReference, formatRepository, type Reference, type Repository } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { ActionError, RegistryError, SourceError } from '../../run/errors.ts';
import type { ContentStore, Resolved, SourceContext, SourceLine } from '../source.ts';

/** A repository in a registry, as a place to read from. */
export class RegistryStore implements ContentStore {
  readonly name: string;
  readonly repository: Repository;
  readonly #client: RegistryClient;
  readonly #patience: Patience;

  /** What is not found is looked for again while `patience` lasts, as the source itself is. */
  constructor(client: RegistryClient, repository: Repository, patience: Patience) {
    this.name = formatRepository(repository);
    this.repository = repository;
    this.#client = client;
    this.#patience = patience;
  }

  getManifest(digest: Digest, size?: number): Promise<Manifest> {
    return patiently(() => this.#client.getManifest(this.repository, digest, size), this.#patience);
  }

  getBlob(descriptor: Descriptor): Promise<Uint8Array> {
    const look = (): Promise<Uint8Array> => this.#client.getBlob(this.repository, descriptor);
    // What is to be had elsewhere need never come.
    return descriptor['urls'] === undefined ? patiently(look, this.#patience) : look();
  }

  async *openBlob(descriptor: Descriptor, offset = 0): AsyncGenerator<Uint8Array> {
    yield* await this.#client.openBlob(this.repository, descriptor, offset);
  }
}

/** How long to look for a source that is not there yet. */
export interface Patience {
  /** Milliseconds from the first look. */
  readonly wait: number;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Reads what references name, once each however many lines name it.
 * A source that is not found is looked for again while patience lasts: registries may show a manifest
 * later than they accepted it.
 */
export function registryFetch(client: RegistryClient, patience: Patience): SourceContext['fetch'] {
  const manifests = new Map<string, Promise<Manifest>>();
  return async (line, reference) => {
    const label = formatReference(reference);
    const known = manifests.get(label) ?? patiently(() => read(client, reference), patience);
    manifests.set(label, known);
    try {
      const store = new RegistryStore(client, reference.repository, patience);
      return { line, label, manifest: await known, store } satisfies Resolved;
    } catch (error) {
      throw sourceError(line, label, error, patience);
    }
  };
}

function read(client: RegistryClient, reference: Reference): Promise<Manifest> {
  return client.getManifest(reference.repository, reference.digest ?? reference.tag ?? 'latest');
}

async function patiently<T>(look: () => Promise<T>, patience: Patience): Promise<T> {
  const end = patience.now() + patience.wait;
  for (let pause = 500; ; pause = Math.min(pause * 2, 4000)) {
    try {
      return await look();
    } catch (error) {
      if (!isMissing(error) || patience.now() >= end) throw error;
      await patience.sleep(Math.min(pause, Math.max(0, end - patience.now())));
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'NOT_FOUND';
}

function sourceError(line: SourceLine, label: string, error: unknown, patience: Patience): unknown {
  if (!(error instanceof ActionError)) return error;
  const place = `sources line ${line.line}`;
  if (isMissing(error)) {
    const waited = patience.wait === 0 ? '' : `, looked for during ${patience.wait / 1000} s`;
    return new SourceError('SOURCE_MISSING', `${place}: ${label} does not exist${waited}`, {
      hint: `Check that the job which pushes it ran before this step. ${error.hint ?? ''}`.trim(),
      cause: error,
    });
  }
  const { cause, hint } = error;
  if (error.code === 'BAD_MANIFEST' && cause instanceof FormatError) {
    const flaw = `${place}: ${label} is not an image: ${cause.message}`;
    return new SourceError('SOURCE_NOT_AN_IMAGE', flaw, { hint, cause: error });
  }
  return new SourceError(error.code, `${place}: ${label}: ${error.message}`, { hint, cause: error });
}
