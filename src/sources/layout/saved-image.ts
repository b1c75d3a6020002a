import type { LayoutFiles } from './layout-files.ts';
import { readWhole } from './layout-store.ts';

/** Bytes of the manifest.json that `docker save` writes. */
const maxManifestSize = 1024 * 1024;

/** The command that wrote an archive with `manifest.json` (moby, image/tarexport); undefined for any other. */
export async function savedBy(files: LayoutFiles): Promise<'docker save' | 'podman save' | undefined> {
  if ((await files.size('manifest.json')) === undefined) return undefined;
  try {
    const bytes = await readWhole(files, 'manifest.json', maxManifestSize);
    // docker names a layer ID/layer.tar or by its blob, and podman DIGEST.tar.
    const text = Buffer.from(bytes).toString('utf8');
    return /"Layers":\s*\["[0-9a-f]{64}\.tar"/.test(text) ? 'podman save' : 'docker save';
  } catch {
    return 'docker save';
  }
}
