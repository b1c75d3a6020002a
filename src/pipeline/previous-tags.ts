import type { Digest } from '../oci/digest.ts';
import { formatReference } from '../oci/reference.ts';
import { AuthError, RegistryError } from '../run/errors.ts';
import type { TargetTag } from './request.ts';
import type { RunContext } from './run-context.ts';

/** The content of a tag before the run: a digest, nothing, or `unknown` when the registry denied the read. */
export type PreviousTag = Digest | 'unknown' | undefined;

/** The digest that a tag held before, if it is known. */
export function previousDigest(previous: PreviousTag): Digest | undefined {
  return previous === 'unknown' ? undefined : previous;
}

/** Milliseconds after which readings are too old to move tags by. */
const maxAge = 5_000;

/** The content of tags before the run; the reads start at once, with low priority. */
export class PreviousTags {
  readonly #tags: readonly TargetTag[];
  readonly #context: Pick<RunContext, 'client' | 'clock'>;
  readonly #started: number;
  readonly #reads = new Map<string, Promise<PreviousTag>>();
  /** The results of the reads that have ended. */
  readonly #known = new Map<string, PreviousTag>();

  constructor(tags: readonly TargetTag[], context: Pick<RunContext, 'client' | 'clock'>) {
    this.#tags = tags;
    this.#context = context;
    this.#started = context.clock.now();
    for (const tag of tags) {
      const read = this.#read(tag);
      // A failure belongs to the stage that asks for the tag; until then it must not end the process.
      read.catch(() => undefined);
      this.#reads.set(formatReference(tag), read);
    }
  }

  async #read(tag: TargetTag): Promise<PreviousTag> {
    const previous = await this.#head(tag);
    this.#known.set(formatReference(tag), previous);
    return previous;
  }

  async #head({ repository, tag }: TargetTag): Promise<PreviousTag> {
    try {
      return (await this.#context.client.headManifest(repository, tag, 'background'))?.digest;
    } catch (error) {
      // A login may be allowed to push what it cannot read; the push itself shows whether it is.
      if (isDenied(error)) return 'unknown';
      throw error;
    }
  }

  /** The content of a tag; waits for the read, and throws its failure unless the registry denied it. */
  async of(tag: TargetTag): Promise<PreviousTag> {
    return this.#reads.get(formatReference(tag));
  }

  /** Whether a tag is known to have held this digest. Does not wait for the read, which may cost a round trip. */
  isKnownToHold(tag: TargetTag, digest: Digest): boolean {
    return this.#known.get(formatReference(tag)) === digest;
  }

  /** These readings, or new ones when they are more than 5 seconds old. */
  current(): PreviousTags {
    const age = this.#context.clock.now() - this.#started;
    return age < maxAge ? this : new PreviousTags(this.#tags, this.#context);
  }
}

function isDenied(error: unknown): boolean {
  if (error instanceof AuthError) return true;
  return error instanceof RegistryError && error.failure.status < 500 && error.code !== 'RATE_LIMITED';
}
