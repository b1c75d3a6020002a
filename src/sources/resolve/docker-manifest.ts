import { platformAt } from '../../oci/descriptor.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import { quote } from '../../oci/format-error.ts';
import { parseJsonDocument } from '../../oci/json-document.ts';
import { objectAt, stringAt } from '../../oci/json-field.ts';
import type { Platform } from '../../oci/platform.ts';
import { familiarReference, formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import { SourceError } from '../../run/errors.ts';
import { sourceLimit } from '../input/problem-list.ts';
import { fileIn, type LocalFile, readLocalDirectory, readLocalFile } from '../local-file.ts';
import type { Located, Resolved, SourceContext } from '../source.ts';
import { parseSource, sourceError } from '../source-error.ts';
import { draftDirectory } from './draft-directory.ts';

/** Bytes of a draft's file that are read: a manifest of 4 MiB in base64 and again as JSON, with room. */
const fileLimit = 16 * 1024 * 1024;

/** What a draft says of one source. */
interface DraftSource {
  /** What `docker manifest create` was given. */
  readonly reference: Reference;
  /** What it found there then. */
  readonly digest: Digest;
  /** The image's platform, or what `docker manifest annotate` made of it. */
  readonly platform: Platform | undefined;
}

/**
 * Resolves `docker-manifest:NAME`: the local draft that `docker manifest create` made and
 * `docker manifest annotate` changed, in the order in which `docker manifest push` would write it (by file name).
 *
 * A draft keeps what a tag held when it was made. Each of its sources is read from the registry again, and one that
 * holds another image by now is refused, where docker's CLI would publish the old one.
 *
 * @throws SourceError when there is no such draft, when it is damaged, and when it is stale.
 */
export async function resolveDraft(
  line: Located<'docker-manifest'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  const list = parseReference(line.locator.name);
  const sources = await readDraft(line, list, context);
  return Promise.all(sources.map((source) => resolveDraftSource(source, list, { line, context })));
}

async function readDraft(
  { line }: Located<'docker-manifest'>,
  list: Reference,
  context: SourceContext,
): Promise<readonly DraftSource[]> {
  const path = draftDirectory(context.dockerConfig, list);
  const directory = { line, path, name: `docker-manifest:${familiarReference(list)}` };
  const entries = await listDraft(directory, list);
  return Promise.all(entries.map(async ({ name }) => readDraftSource(fileIn(directory, name))));
}

async function listDraft(
  directory: LocalFile,
  list: Reference,
): Promise<readonly { readonly name: string }[]> {
  const entries = await readLocalDirectory(directory).catch((error: unknown) => {
    throw error instanceof SourceError ? noDraft(directory, list, error) : error;
  });
  if (entries.length === 0) throw noDraft(directory, list);
  if (entries.length <= sourceLimit) return entries;
  throw sourceError(directory, 'SOURCE_DRAFT', `${directory.name} holds more than ${sourceLimit} sources`);
}

function noDraft(directory: LocalFile, list: Reference, cause?: SourceError): SourceError {
  return sourceError(directory, 'SOURCE_DRAFT', `there is no local draft of ${familiarReference(list)}`, {
    hint:
      `Looked in ${directory.path}. \`docker manifest create ${familiarReference(list)} SOURCE…\` makes it, ` +
      'on the same machine and with the same DOCKER_CONFIG; `docker manifest push --purge` removes it.',
    cause,
  });
}

async function readDraftSource(file: LocalFile): Promise<DraftSource> {
  const bytes = await readLocalFile(file, fileLimit);
  return parseSource({ line: file.line, code: 'SOURCE_DRAFT', name: quote(file.name) }, () => {
    const draft = objectAt(parseJsonDocument(bytes, 'allow'), 'the draft');
    const descriptor = objectAt(draft['Descriptor'], 'Descriptor');
    return {
      reference: parseReference(stringAt(draft['Ref'], 'Ref')),
      digest: parseDigest(stringAt(descriptor['digest'], 'Descriptor.digest')),
      platform: platformAt(descriptor['platform'], 'Descriptor.platform'),
    };
  });
}

interface Request {
  readonly line: Located<'docker-manifest'>;
  readonly context: SourceContext;
}

async function resolveDraftSource(
  { reference, digest, platform }: DraftSource,
  list: Reference,
  { line, context }: Request,
): Promise<Resolved> {
  const resolved = await context.fetch(line, reference);
  const served = resolved.manifest.digest;
  if (served === digest) {
    return { ...resolved, label: formatReference(reference), ...(platform ? { platform } : {}) };
  }
  const name = familiarReference(list);
  const message =
    `the local draft of ${name} is stale: it holds ${familiarReference(reference)} as ${digest}, ` +
    `but the registry serves ${served} there now`;
  throw sourceError(line, 'SOURCE_DRAFT_STALE', message, {
    hint:
      `Make the draft anew: \`docker manifest rm ${name}\`, then create and annotate it again ` +
      '(`create --amend` keeps the old digests). Or list the sources themselves in place of the draft.',
  });
}
