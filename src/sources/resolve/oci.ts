import { quote } from '../../oci/format-error.ts';
import { resolveImages } from '../layout/layout.ts';
import { openLayoutArchive } from '../layout/layout-archive.ts';
import { layoutDirectory } from '../layout/layout-files.ts';
import { localFile, realPathOf, statFile } from '../local-file.ts';
import type { Located, Resolved, SourceContext } from '../source.ts';
import { sourceError } from '../source-error.ts';

/** Resolves `oci:DIR`, an OCI image layout in a directory. */
export async function resolveLayout(
  line: Located<'oci'>,
  context: Pick<SourceContext, 'directory' | 'budget'>,
): Promise<readonly Resolved[]> {
  const { path, pick } = line.locator;
  const directory = localFile(line, path, context.directory);
  if ((await statFile(directory)).isDirectory()) {
    return resolveImages(layoutDirectory(directory), line, pick, context);
  }
  throw sourceError(line, 'SOURCE_LAYOUT', `${quote(path)} is not a directory`, {
    hint: `Write oci-archive:${path} for an archive.`,
  });
}

/** Resolves `oci-archive:FILE`, an OCI image layout in a tar archive. */
export async function resolveArchive(
  line: Located<'oci-archive'>,
  context: Pick<SourceContext, 'directory' | 'budget'>,
): Promise<readonly Resolved[]> {
  const { path, pick } = line.locator;
  const file = localFile(line, path, context.directory);
  const stats = await statFile(file);
  if (stats.isFile()) {
    const path = await realPathOf(file, 'SOURCE_ARCHIVE');
    return resolveImages(await openLayoutArchive({ ...file, path }, context.budget), line, pick, context);
  }
  throw sourceError(line, 'SOURCE_ARCHIVE', `${quote(path)} is not a regular file`, {
    ...(stats.isDirectory() && { hint: `Write oci:${path} for a layout in a directory.` }),
  });
}
