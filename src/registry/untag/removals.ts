import { formatRepository } from '../../oci/reference.ts';
import { type StagingTag, tagName } from './staging-tag.ts';

/**
 * What a run knows of a tag that it removes. `underway`: a removal was sent and not answered. `placeholder`: the tag
 * holds a placeholder, or may hold it soon. `probe`: a throw-away tag that exists, or may exist soon.
 */
type RemovalState =
  | 'left'
  | 'underway'
  | 'removed'
  | 'absent'
  | 'changed'
  | 'placeholder'
  | 'put back'
  | 'probe';

/** The tags that a run removes, with the state of each. */
export class Removals {
  readonly #tags = new Map<string, { readonly tag: StagingTag; readonly state: RemovalState }>();

  /** The names of the tags in a state, in the order in which they were first marked. */
  namesIn(state: RemovalState): readonly string[] {
    return [...this.#tags].flatMap(([name, known]) => (known.state === state ? name : []));
  }

  /** A throw-away tag stays one until it is dropped. */
  mark(tag: StagingTag, state: RemovalState): void {
    const name = tagName(tag);
    if (this.#tags.get(name)?.state !== 'probe') this.#tags.set(name, { tag, state });
  }

  /** Drops a throw-away tag that no longer exists. */
  drop(tag: StagingTag): void {
    this.#tags.delete(tagName(tag));
  }

  get lines(): readonly string[] {
    return [...this.#tags.values()].map(({ tag, state }) => `${tagName(tag)} ${sentences[state](tag)}`);
  }
}

const sentences: Readonly<Record<RemovalState, (tag: StagingTag) => string>> = {
  left: () => 'was not touched',
  underway: () => 'was being removed, and may or may not exist',
  removed: () => 'was removed',
  absent: () => 'did not exist',
  changed: () => 'holds another manifest than expected, and was not touched',
  placeholder: (tag) =>
    `holds an empty placeholder, or may still get one, not ${tag.manifest.digest}. ${remedyFor(tag)}`,
  'put back': ({ manifest }) => `holds ${manifest.digest} again`,
  probe: () => 'is a throw-away tag of this step, and may still exist. Remove it.',
};

/** What to type when a tag holds a placeholder. */
export function remedyFor({ repository, tag, manifest }: StagingTag): string {
  return `Set it again: \`crane tag ${formatRepository(repository)}@${manifest.digest} ${tag}\`.`;
}
