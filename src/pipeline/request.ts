import type { AnnotationLevels } from '../oci/annotations.ts';
import type { Platform } from '../oci/platform.ts';
import type { Reference, Repository } from '../oci/reference.ts';
import type { SourceLine } from '../sources/source.ts';

/** What a run is asked to do: the inputs, parsed. */
export interface PublishRequest {
  /** The tags to publish, in the user's order, each once. */
  readonly tags: readonly TargetTag[];
  readonly sources: readonly SourceLine[];
  /** The platforms to publish; empty means whatever the sources supply. */
  readonly platforms: readonly Platform[];
  readonly annotations: AnnotationLevels;
  readonly format: 'auto' | 'docker' | 'oci';
  /** `always` wraps a sole image in an index of one; `needed` tags it as it is. */
  readonly index: 'always' | 'needed';
  readonly attestations: 'keep' | 'drop';
  readonly duplicatePlatforms: 'error' | 'first' | 'last';
  /** Milliseconds for which a source that is not there is looked for again. */
  readonly waitForSources: number;
  /** `dry-run` resolves, checks and assembles, and writes nothing. */
  readonly mode: 'push' | 'dry-run';
  /** Whether the docker CLI's local drafts of the tags are removed after a verified push. */
  readonly drafts: 'purge' | 'keep';
  /** Whether signatures and other referrers of copied images go along. */
  readonly referrers: 'copy' | 'leave';
}

/** A tag to publish. */
export interface TargetTag {
  readonly repository: Repository;
  readonly tag: string;
}

/** The tag as a reference, for names in messages and outputs. */
export function referenceOf(target: TargetTag): Reference {
  return { repository: target.repository, tag: target.tag };
}
