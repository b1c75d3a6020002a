import type { Descriptor } from '../oci/descriptor.ts';
import type { HeldManifest, ImageIndex } from '../oci/manifest.ts';
import type { TreeLimits } from '../sources/tree-limits.ts';

/** An entry of an index, the manifest that it names, and the entries of that manifest if it is an index too. */
export interface TreeEntry<Held extends HeldManifest = HeldManifest> {
  readonly entry: Descriptor;
  readonly manifest: Held;
  readonly entries: readonly TreeEntry<Held>[];
}

/** Reads the manifests that an index lists, and those that nested indexes list, in order, within limits. */
export async function readTree<Held extends HeldManifest>(
  index: ImageIndex,
  reader: { readonly limits: TreeLimits; readonly read: (entry: Descriptor) => Promise<Held> },
  depth = 1,
): Promise<readonly TreeEntry<Held>[]> {
  reader.limits.enter(index, depth);
  return Promise.all(
    index.manifests.map(async (entry) => {
      const manifest = await reader.read(entry);
      const { content } = manifest;
      return {
        entry,
        manifest,
        entries: content.kind === 'index' ? await readTree(content, reader, depth + 1) : [],
      };
    }),
  );
}
