import type { Digest } from '../oci/digest.ts';
import { formatReference } from '../oci/reference.ts';
import { type ActionError, AuthError, RegistryError } from '../run/errors.ts';
import type { TargetTag } from './request.ts';
import type { RunContext } from './run-context.ts';
import { knownDigest, type PushedTag, type TagContent, type TagStatus } from './tag.ts';

/** Readings of the tags of a run. */
export interface TagReadings {
  /** What a tag holds; waits for the reading, and throws its failure unless the registry denied it. */
  of(tag: TargetTag): Promise<TagContent>;
}

interface Reading {
  readonly content: Promise<TagContent>;
  /** On the clock, in milliseconds. */
  readonly at: number;
  denial?: ActionError;
  /** The content, once the registry has answered. */
  answer?: TagContent;
}

interface Entry {
  readonly start: Reading;
  earlier: Reading;
  last: Reading;
  status: TagStatus;
  own?: Digest;
  /** The last reading before the run set the tag. */
  replaced?: Reading;
}

/** Milliseconds after which readings are too old to move tags by. */
const maxAge = 5_000;

/**
 * What each tag of a run held before it, holds as last read, and was set to by it. All stages ask the ledger, so that
 * they agree about a tag. The first readings start at once, with low priority.
 */
export class TagLedger implements TagReadings {
  readonly #context: Pick<RunContext, 'client' | 'clock'>;
  readonly #entries = new Map<string, Entry>();
  #readAt: number;
  #writtenAt = 0;
  /** What tags held before the run. */
  readonly start: TagReadings = { of: (tag) => this.#entry(tag).start.content };
  /** What tags held before the run set them, for reports: with several rounds, the last reading may show our own list. */
  readonly before: TagReadings;

  constructor(
    tags: readonly TargetTag[],
    rounds: 'one' | 'several',
    context: Pick<RunContext, 'client' | 'clock'>,
  ) {
    this.#context = context;
    this.#readAt = context.clock.now();
    this.before = rounds === 'one' ? { of: (tag) => this.#replaced(tag) } : this.start;
    for (const tag of tags) this.#entry(tag);
  }

  of(tag: TargetTag): Promise<TagContent> {
    return this.#entry(tag).last.content;
  }

  reread(tags: readonly TargetTag[]): void {
    this.#readAt = this.#context.clock.now();
    for (const tag of tags) {
      const entry = this.#entry(tag);
      entry.earlier = entry.last;
      entry.last = this.#read(tag);
    }
  }

  /** Whether the last readings are more than 5 seconds old: another job may have moved the tags. */
  get isOld(): boolean {
    return this.#context.clock.now() - this.#readAt >= maxAge;
  }

  /** When the last tag was set, on the clock. */
  get writtenAt(): number {
    return this.#writtenAt;
  }

  /** What a tag holds, and since when the run knows it, in words. */
  async describe(tag: TargetTag): Promise<string> {
    const { start, last } = this.#entry(tag);
    const [before = 'nothing', held = 'nothing'] = await Promise.all([start.content, last.content]);
    if (before === held) return `holds ${held} (read when the run started)`;
    const seconds = ((last.at - start.at) / 1000).toFixed(1);
    return `holds ${held} (read ${seconds} s after the start; at the start: ${before})`;
  }

  /** Why the registry denied the last reading, once it has been answered. */
  denial(tag: TargetTag): ActionError | undefined {
    return this.#entry(tag).last.denial;
  }

  /** Whether a tag holds something else than at the reading before the last one. */
  async hasChanged(tag: TargetTag): Promise<boolean> {
    const { earlier, last } = this.#entry(tag);
    return (await earlier.content) !== (await last.content);
  }

  /** Whether the last reading has been answered with this digest; does not wait for it. */
  isKnownToHold(tag: TargetTag, digest: Digest): boolean {
    return this.#entry(tag).last.answer === digest;
  }

  /** What the run has set a tag to. */
  own(tag: TargetTag): Digest | undefined {
    return this.#entry(tag).own;
  }

  /** What a tag goes back to: what it holds, or what it held before the run if the run itself has set it since. */
  async restorable(tag: TargetTag): Promise<TagContent> {
    const held = await this.of(tag);
    return held !== undefined && held === this.own(tag) ? this.start.of(tag) : held;
  }

  /** Records that the run has set a tag. */
  set(tag: TargetTag, digest: Digest, state: 'created' | 'moved'): void {
    const entry = this.#entry(tag);
    entry.own = digest;
    entry.replaced = entry.last;
    this.#writtenAt = this.#context.clock.now();
    this.mark(tag, { state, held: digest });
  }

  mark(tag: TargetTag, status: TagStatus): void {
    this.#entry(tag).status = status;
  }

  status(tag: TargetTag): TagStatus {
    return this.#entry(tag).status;
  }

  // Before a later round, another job may have set the tag: only its content before the run may be shown late.
  /** A tag that was set, as reports show it and as registries may still show it. */
  async reported(tag: PushedTag): Promise<PushedTag> {
    if (this.before !== this.start) return tag;
    const start = await this.start.of(tag);
    const state = start === undefined ? 'created' : start === tag.wanted ? 'unchanged' : 'moved';
    return { ...tag, previous: knownDigest(start), state };
  }

  // Guarded tags are read again after they were set.
  #replaced(tag: TargetTag): Promise<TagContent> {
    const { replaced, last } = this.#entry(tag);
    return (replaced ?? last).content;
  }

  #entry({ repository, tag }: TargetTag): Entry {
    const name = formatReference({ repository, tag });
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const start = this.#read({ repository, tag });
    const entry: Entry = { start, earlier: start, last: start, status: { state: 'untouched' } };
    this.#entries.set(name, entry);
    return entry;
  }

  #read(tag: TargetTag): Reading {
    const reading: Reading = {
      content: this.#head(tag, (error) => {
        reading.denial = error;
      }),
      at: this.#context.clock.now(),
    };
    const answered = (content: TagContent): void => {
      reading.answer = content;
    };
    // A failure belongs to the stage that asks for the tag; until then it must not end the process.
    reading.content.then(answered, () => undefined);
    return reading;
  }

  async #head({ repository, tag }: TargetTag, deny: (error: ActionError) => void): Promise<TagContent> {
    try {
      return (await this.#context.client.headManifest(repository, tag, 'background'))?.digest;
    } catch (error) {
      // A login may be allowed to push what it cannot read; the push itself shows whether it is.
      if (!isDenied(error)) throw error;
      deny(error);
      return 'unknown';
    }
  }
}

/** Whether a registry refused to let this login read. */
export function isDenied(error: unknown): error is AuthError | RegistryError {
  if (error instanceof AuthError) return true;
  return error instanceof RegistryError && error.failure.status < 500 && error.code !== 'RATE_LIMITED';
}
