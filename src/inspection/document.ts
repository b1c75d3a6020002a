import type { Descriptor } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/manifest.ts';
import { describePlatform, type Platform } from '../oci/platform.ts';
import type { Reference } from '../oci/reference.ts';
import type { EntryRole } from '../policy/entry-kind.ts';
import type { ActionError } from '../run/errors.ts';

/** A list or an image as it was read, and its entries. */
export interface InspectedDocument {
  /** As users write it: `alpine:3`, `oci:out`, `docker-manifest:acme/app:1`. */
  readonly name: string;
  /** The reference in a registry that it was read by. */
  readonly reference: Reference | undefined;
  readonly manifest: Manifest;
  /** The entries of a list in order, with nested lists flattened; for an image, the image itself. */
  readonly entries: readonly InspectedEntry[];
}

/** An entry of a list, and its manifest. An entry whose config is no image config is an artifact. */
export interface InspectedEntry extends EntryRole {
  /** As in the list; for an image, with the platform of its config. */
  readonly descriptor: Descriptor;
  /** The entry's platform, or the one of its config when the list does not state it. */
  readonly platform: Platform | undefined;
  /** Absent when it could not be read. */
  readonly manifest?: Manifest | undefined;
  /** Absent when it is sound. */
  readonly flaw?: ActionError | undefined;
  /** The reference of a draft's source. */
  readonly reference?: Reference | undefined;
}

/** The entries that clients run. */
export function imagesOf({ entries }: Pick<InspectedDocument, 'entries'>): readonly InspectedEntry[] {
  return entries.filter(({ kind }) => kind === 'image');
}

/** The platforms of the images for a message, such as `linux/amd64, linux/arm64`. */
export function describePlatforms(document: Pick<InspectedDocument, 'entries'>): string {
  const platforms = imagesOf(document).flatMap(({ platform }) => platform ?? []);
  return [...new Set(platforms.map(describePlatform))].join(', ') || 'no image that states its platform';
}
