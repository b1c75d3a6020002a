import type { Descriptor } from '../../oci/descriptor.ts';

/** The annotation that names an entry (OCI image-spec 1.1, image-layout.md "index.json file"). */
export const refName = 'org.opencontainers.image.ref.name';

/** The annotation in which containerd and docker write the whole reference. */
export const imageName = 'io.containerd.image.name';

/** The names of an entry of index.json. */
export function namesOf({ annotations }: Descriptor): readonly string[] {
  return [annotations?.[refName], annotations?.[imageName]].filter((name) => name !== undefined);
}

/** Whether a name is a reference with this tag; a colon before the last slash belongs to a port. */
export function hasTag(tag: string): (name: string) => boolean {
  return (name) => name.slice(name.lastIndexOf('/') + 1).endsWith(`:${tag}`);
}
