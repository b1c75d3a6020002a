import { quote } from '../../oci/format-error.ts';
import type { SourceError } from '../../run/errors.ts';
import { type LayoutFiles, layoutError } from './layout-files.ts';
import { readWhole } from './layout-store.ts';

/**
 * The error for a directory or an archive that other tools write in place of a layout: docker's own form (moby,
 * image/tarexport; containers/image, docker-archive), or skopeo's form of a directory (containers/image, directory).
 * Undefined for anything else.
 */
export async function savedImage(files: LayoutFiles): Promise<SourceError | undefined> {
  const path = files.name.slice(files.name.indexOf(':') + 1);
  if (files.code === 'SOURCE_LAYOUT' && (await holds(files, 'version', /^Directory Transport Version/))) {
    const hint = `Convert it: \`skopeo copy ${shown(`dir:${path}`)} ${shown(`oci:${path}-oci`)}\`.`;
    return layoutError(files, "this is skopeo's own form of a directory, not an OCI layout", { hint });
  }
  if (!(await holds(files, 'manifest.json', /"Layers"\s*:/))) return undefined;
  const converted = path.replace(/(?:\.tar)?$/, '-oci.tar');
  const convert =
    files.code === 'SOURCE_ARCHIVE'
      ? `Convert it: \`skopeo copy ${shown(`docker-archive:${path}`)} ${shown(`oci-archive:${converted}`)}\`. Or write`
      : 'Write';
  return layoutError(files, `this is docker's own form of an ${kinds[files.code]}`, {
    hint: `${convert} ${waysOut}`,
  });
}

const kinds = {
  SOURCE_ARCHIVE:
    'archive, as `docker save`, `podman save` and `skopeo copy … docker-archive:` write it, not an OCI layout',
  SOURCE_LAYOUT: 'image, unpacked, not an OCI layout',
};

const waysOut =
  'a layout from the start: `docker buildx build --output type=oci,dest=app.tar`, ' +
  '`podman save --format oci-archive --output app.tar IMAGE`, or `docker save` of Docker 25 and later.';

/** Bytes of the manifest.json of an archive. */
const maxSize = 1024 * 1024;

async function holds(files: LayoutFiles, path: string, pattern: RegExp): Promise<boolean> {
  if (((await files.size(path)) ?? maxSize + 1) > maxSize) return false;
  return pattern.test(Buffer.from(await readWhole(files, path, maxSize)).toString('utf8'));
}

/** An argument of a command line. */
function shown(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : quote(text);
}
