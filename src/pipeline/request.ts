import type { AnnotationLevels } from '../oci/annotations.ts';
import type { Platform } from '../oci/platform.ts';
import type { Repository } from '../oci/reference.ts';
import type { MissingSources } from '../policy/missing-sources.ts';
import type { TagGlob } from '../policy/tag-glob.ts';
import type { SourceLine } from '../sources/source.ts';

/** The request of a run: the parsed inputs. */
export interface PublishRequest {
  /** The lists to publish, at least one; no tag is in two of them. */
  readonly lists: readonly ListRequest[];
  /** Whether the lists come from the `spec` input, or the inputs describe the only list. */
  readonly form: 'inputs' | 'spec';
  /** Milliseconds to wait for a source that does not exist yet. */
  readonly waitForSources: number;
  /** What to do when a source does not exist: see policy/missing-sources. */
  readonly missingSources: 'error' | MissingSources;
  /** `dry-run` resolves, checks and assembles, but writes nothing. */
  readonly mode: 'push' | 'dry-run';
  /** Whether the docker CLI's local drafts of the tags are removed after a verified push. */
  readonly drafts: 'purge' | 'keep';
  /** Whether the tags of sources are removed from their registries after a verified push. */
  readonly sourceTags: 'purge' | 'keep';
  /** Whether signatures and other referrers are copied with their images. */
  readonly referrers: 'copy' | 'leave';
}

/** One list to publish. */
export interface ListRequest {
  /** The tags to publish, in the user's order, each once. */
  readonly tags: readonly TargetTag[];
  readonly sources: readonly SourceLine[];
  /** The platforms to publish; empty means all that the sources supply. */
  readonly platforms: readonly Platform[];
  readonly annotations: AnnotationLevels;
  readonly format: 'auto' | 'docker' | 'oci';
  /** `always` wraps a single image in an index of one entry; `needed` tags it unchanged. */
  readonly index: 'always' | 'needed';
  readonly attestations: 'keep' | 'drop';
  /** What to do when a declared platform, or the platform of an index entry, contradicts the image config. */
  readonly platformMismatch: 'error' | 'warn';
  /** What to do when the labels of the images name different revisions. */
  readonly revisionMismatch: 'warn' | 'error' | 'allow';
  readonly duplicatePlatforms: 'error' | 'first' | 'last';
  /** Whether a platform of `platforms` may have no source: the tag may hold it, or a source may appear later. */
  readonly missingPlatforms: 'refuse' | 'allow';
  /** `amend` starts from what the tags hold now; `replace` publishes what the sources supply. */
  readonly base: 'replace' | 'amend';
  /** What to do when a tag serves a platform that the list does not have. */
  readonly removedPlatforms: 'allow' | 'warn' | 'error';
  /** Tags that may be created, but not moved to another digest. */
  readonly immutableTags: readonly TagGlob[];
  readonly forwardOnlyTags: readonly TagGlob[];
}

/** A tag to publish; a reference, too, for names in messages and outputs. */
export interface TargetTag {
  readonly repository: Repository;
  readonly tag: string;
}
