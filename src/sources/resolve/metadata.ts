import { quote } from '../../oci/format-error.ts';
import { parseJsonDocument } from '../../oci/json-document.ts';
import { objectAt } from '../../oci/json-field.ts';
import { type Reference, sameRepository } from '../../oci/reference.ts';
import { type BuildResult, isBuildRecord, isBuildResult, parseBuildResult } from '../build-result.ts';
import { type LocalFile, localFile, readLocalFile } from '../local-file.ts';
import type { Located, Resolved, SourceContext } from '../source.ts';
import { parseSource, sourceError } from '../source-error.ts';
import { fetchDigest } from './digest.ts';

/** Bytes of metadata that are read; provenance makes it a few hundred kilobytes. */
const fileLimit = 64 * 1024 * 1024;

/**
 * Resolves `metadata:FILE`: what docker/build-push-action or `buildx build --metadata-file` wrote of one image, or
 * docker/bake-action of several targets, in the file's order.
 *
 * An image is read in the repository of `image.name`, preferably the targets' own when several are listed, and
 * without a name in the repository that all targets share.
 *
 * @throws SourceError for a target without digest: it was built, but not exported as an image.
 */
export async function resolveMetadata(
  line: Located<'metadata'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  const file = localFile(line, line.locator.path, context.directory);
  const bytes = await readLocalFile(file, fileLimit);
  return Promise.all(
    readBuilds(file, bytes).map(async ({ label, build }) => {
      const name = chooseName(build, context);
      const resolved = name
        ? await context.fetch(line, { repository: name.repository, digest: build.digest })
        : await fetchDigest(line, build.digest, context);
      return { ...resolved, label };
    }),
  );
}

interface LabelledBuild {
  readonly label: string;
  readonly build: BuildResult;
}

function readBuilds(file: LocalFile, bytes: Uint8Array): readonly LabelledBuild[] {
  const document = parseMetadata(file, file.name, () =>
    objectAt(parseJsonDocument(bytes, 'allow'), 'the metadata'),
  );
  if (isBuildResult(document)) return [readBuild(file, file.name, document)];
  const targets = Object.entries(document).filter(([key]) => !isBuildRecord(key));
  if (targets.length > 0) {
    return targets.map(([target, value]) => readBuild(file, `${file.name}#${target}`, value));
  }
  throw sourceError(file, 'SOURCE_METADATA', `${quote(file.name)} tells of no image`, { hint: exportHint });
}

function readBuild(file: LocalFile, label: string, value: unknown): LabelledBuild {
  const target = parseMetadata(file, label, () => objectAt(value, 'the target'));
  if (isBuildResult(target))
    return { label, build: parseMetadata(file, label, () => parseBuildResult(target)) };
  const message = `${quote(label)} has no containerimage.digest`;
  throw sourceError(file, 'SOURCE_METADATA', message, { hint: exportHint });
}

const exportHint =
  'A build writes a digest when it exports an image: `push: true`, or `outputs: type=image,push-by-digest=true,push=true`. ' +
  'Write the metadata file of the image targets only.';

function parseMetadata<T>(file: LocalFile, label: string, parse: () => T): T {
  return parseSource({ line: file.line, code: 'SOURCE_METADATA', name: quote(label) }, parse);
}

function chooseName({ names }: BuildResult, { repository }: SourceContext): Reference | undefined {
  const own = names.find((name) => repository !== undefined && sameRepository(name.repository, repository));
  return own ?? names[0];
}
