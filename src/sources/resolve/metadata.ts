import { quote } from '../../oci/format-error.ts';
import { objectAt, parseJsonDocument } from '../../oci/json-document.ts';
import { formatRepository, type Reference, sameRepository } from '../../oci/reference.ts';
import { type Finding, warnOfCauses } from '../../run/finding.ts';
import { type BuildResult, isBuildRecord, isBuildResult, parseBuildResult } from '../build-result.ts';
import { type LocalFile, localFile, readLocalFile } from '../local-file.ts';
import type { Located, Resolved, SourceContext } from '../source.ts';
import { parseSource, sourceError } from '../source-error.ts';
import { fetchDigest } from './digest.ts';

/** Bytes of a metadata file; with provenance it has a few hundred kilobytes. */
const maxFileSize = 64 * 1024 * 1024;

/**
 * Resolves `metadata:FILE`: the metadata that docker/build-push-action or `buildx build --metadata-file` wrote for one
 * image, or docker/bake-action for several targets, in the file's order.
 *
 * An image is read from the repository of `image.name`; of several names, a repository of the targets is preferred. Any
 * other one gets a warning, because the file may be another build's. Without a name, it is read from the one repository
 * of all targets. Throws SourceError for a target without a digest, which was built but not exported as an image.
 */
export async function resolveMetadata(
  line: Located<'metadata'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  const file = localFile(line, line.locator.path, context.directory);
  const bytes = await readLocalFile(file, maxFileSize);
  // Every warning comes before the first read, which may send a login.
  const builds: (LabelledBuild & { readonly name: Reference | undefined })[] = [];
  const strange: Finding[] = [];
  for (const each of readBuilds(file, bytes))
    builds.push({ ...each, name: await chooseName(each, strange, context) });
  warnOfCauses(strange, context.observer);
  return Promise.all(
    builds.map(async ({ label, build, name }) => {
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
  if (targets.length > 0)
    return targets.map(([target, value], at) => {
      // Names of bake's targets; any other key may be the content of a file that is not metadata.
      const name = /^[A-Za-z0-9_-]{1,64}$/.test(target) ? target : at + 1;
      return readBuild(file, `${file.name}#${name}`, value);
    });
  throw sourceError(file, 'SOURCE_METADATA', `${quote(file.name)} has no image`, { hint: exportHint });
}

function readBuild(file: LocalFile, label: string, value: unknown): LabelledBuild {
  const target = parseMetadata(file, label, () => objectAt(value, 'the target'));
  if (isBuildResult(target))
    return { label, build: parseMetadata(file, label, () => parseBuildResult(target)) };
  const message = `${quote(label)} has no containerimage.digest`;
  throw sourceError(file, 'SOURCE_METADATA', message, { hint: exportHint });
}

const exportHint =
  'Build again with `push: true` or `outputs: type=image,push-by-digest=true,push=true`: only then does the build ' +
  'write a digest. Write the metadata file for image targets only.';

function parseMetadata<T>(file: LocalFile, label: string, parse: () => T): T {
  return parseSource({ line: file.line, code: 'SOURCE_METADATA', name: quote(label) }, parse);
}

async function chooseName(
  { label, build: { names } }: LabelledBuild,
  strange: Finding[],
  { targets, mayLogIn }: SourceContext,
): Promise<Reference | undefined> {
  const own = names.find((name) => targets.some((target) => sameRepository(name.repository, target)));
  const [first] = names;
  if (own !== undefined || first === undefined) return own;
  const { registry } = first.repository;
  const isStrange = targets.every((target) => target.registry !== registry);
  const login =
    isStrange &&
    ((await mayLogIn(first.repository)) ? 'a login may be sent to it' : 'no login is sent to it');
  const end = login === false ? '' : `. None of the tags is in ${registry}; ${login}`;
  strange.push({
    about: `${quote(label)} in ${formatRepository(first.repository)}`,
    say: (images) =>
      `Not in the repository of any tag: ${images}: check that it is the metadata of this build${end}`,
  });
  return first;
}
