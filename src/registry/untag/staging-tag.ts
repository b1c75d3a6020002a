import type { Manifest } from '../../oci/manifest.ts';
import type { Repository } from '../../oci/reference.ts';

/** A tag to remove, and the manifest that it must still hold then. */
export interface StagingTag {
  readonly repository: Repository;
  readonly tag: string;
  readonly manifest: Manifest;
}
