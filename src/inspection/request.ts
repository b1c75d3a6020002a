import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import type { SourceLine } from '../sources/source.ts';

/** What the inspect action is asked to do. */
export interface InspectRequest {
  /** What to inspect: a source of the kinds reference, oci, oci-archive or docker-manifest. */
  readonly image: SourceLine;
  /** What to compare it with. */
  readonly compareWith: SourceLine | undefined;
  /** `verbose`: the document is what `docker manifest inspect --verbose` prints. */
  readonly form: 'plain' | 'verbose';
  /** Inspect the image that a client of this platform pulls, in place of the list. */
  readonly platform: Platform | undefined;
  /** The platforms that must be there; others may be there, too. */
  readonly expectPlatforms: readonly Platform[];
  readonly expectDigest: Digest | undefined;
}
