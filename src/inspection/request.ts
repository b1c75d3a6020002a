import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import type { SourceLine } from '../sources/source.ts';

/** The request of the inspect action. */
export interface InspectRequest {
  /** The source to inspect, of the kinds reference, oci, oci-archive or docker-manifest. */
  readonly image: SourceLine;
  /** The source to compare with. */
  readonly compareWith: SourceLine | undefined;
  /** `verbose`: the document is the output of `docker manifest inspect --verbose`. */
  readonly form: 'plain' | 'verbose';
  /** Inspect the image that a client of this platform pulls, instead of the list. */
  readonly platform: Platform | undefined;
  /** The platforms that the list must have; it may have others, too. */
  readonly expectPlatforms: readonly Platform[];
  readonly expectDigest: Digest | undefined;
}
