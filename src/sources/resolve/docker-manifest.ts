import { platformAt } from '../../oci/descriptor.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import { quote } from '../../oci/format-error.ts';
import { objectAt, parseJsonDocument, stringAt } from '../../oci/json-document.ts';
import type { Platform } from '../../oci/platform.ts';
import { familiarReference, formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import { SourceError } from '../../run/errors.ts';
import { maxSources } from '../input/problem-list.ts';
import { fileIn, type LocalFile, readLocalDirectory, readLocalFile } from '../local-file.ts';
import type { Located, Resolved, SourceContext } from '../source.ts';
import { type LinePosition, parseSource, sourceError } from '../source-error.ts';
import { draftDirectory } from './draft-directory.ts';

/** Bytes of a draft's file: a manifest of 4 MiB in base64 and again as JSON, with room to spare. */
const maxFileSize = 16 * 1024 * 1024;

/** A source of a draft. */
export interface DraftSource {
  /** The argument of `docker manifest create`. */
  readonly reference: Reference;
  /** The digest that the registry served at that time. */
  readonly digest: Digest;
  /** The image's platform, or the one that `docker manifest annotate` set. */
  readonly platform: Platform | undefined;
  /** '' in damaged drafts, as `raw` may be empty. */
  readonly mediaType: string;
  readonly raw: Uint8Array;
}

/**
 * Resolves `docker-manifest:NAME`: the local draft of `docker manifest create` and `docker manifest annotate`, in the
 * order in which `docker manifest push` writes it (by file name).
 *
 * A draft keeps the digests that tags had when it was created. Each source is read from the registry again; if a tag
 * has another image now, it is refused, where docker's CLI would publish the old one (docker/cli#954). Throws
 * SourceError when the draft is missing, damaged or stale.
 */
export async function resolveDraft(
  line: Located<'docker-manifest'>,
  context: SourceContext,
): Promise<readonly Resolved[]> {
  const list = parseReference(line.locator.name);
  const sources = await readDraft(line, list, context);
  return Promise.all(sources.map((source) => resolveDraftSource(source, list, line, context)));
}

/** Reads the sources of a local draft, in the order of their files; throws SourceError. */
export async function readDraft(
  { line, place }: LinePosition,
  list: Reference,
  { dockerConfig }: Pick<SourceContext, 'dockerConfig'>,
): Promise<readonly DraftSource[]> {
  const path = draftDirectory(dockerConfig, list);
  const directory = { line, place, path, name: `docker-manifest:${familiarReference(list)}` };
  const entries = await listDraft(directory, list);
  return Promise.all(entries.map(async ({ name }) => readDraftSource(fileIn(directory, name))));
}

async function listDraft(directory: LocalFile, list: Reference) {
  const entries = await readLocalDirectory(directory).catch((error: unknown) => {
    throw error instanceof SourceError ? noDraft(directory, list, error) : error;
  });
  if (entries.length === 0) throw noDraft(directory, list);
  if (entries.length <= maxSources) return entries;
  throw sourceError(directory, 'SOURCE_DRAFT', `${directory.name} has more than ${maxSources} sources`);
}

function noDraft(directory: LocalFile, list: Reference, cause?: SourceError): SourceError {
  return sourceError(directory, 'SOURCE_DRAFT', `there is no local draft of ${familiarReference(list)}`, {
    hint:
      `Create it in ${directory.path} with \`docker manifest create ${familiarReference(list)} SOURCE…\`, on the same ` +
      'machine and with the same DOCKER_CONFIG; `docker manifest push --purge` removes it.',
    cause,
  });
}

async function readDraftSource(file: LocalFile): Promise<DraftSource> {
  const bytes = await readLocalFile(file, maxFileSize);
  const { line, place, name } = file;
  return parseSource({ line, place, code: 'SOURCE_DRAFT', name: quote(name) }, () => {
    const draft = objectAt(parseJsonDocument(bytes, 'allow'), 'the draft');
    const descriptor = objectAt(draft['Descriptor'], 'Descriptor');
    return {
      reference: parseReference(stringAt(draft['Ref'], 'Ref')),
      digest: parseDigest(stringAt(descriptor['digest'], 'Descriptor.digest')),
      platform: platformAt(descriptor['platform'], 'Descriptor.platform'),
      mediaType: stringAt(descriptor['mediaType'], 'Descriptor.mediaType'),
      raw: Buffer.from(stringAt(draft['Raw'], 'Raw'), 'base64'),
    };
  });
}

async function resolveDraftSource(
  { reference, digest, platform }: DraftSource,
  list: Reference,
  line: Located<'docker-manifest'>,
  context: SourceContext,
): Promise<Resolved> {
  const resolved = await context.fetch(line, reference);
  const served = resolved.manifest.digest;
  if (served === digest) {
    return { ...resolved, label: formatReference(reference), ...(platform ? { platform } : {}) };
  }
  const name = familiarReference(list);
  const message =
    `the local draft of ${name} is stale: it has ${familiarReference(reference)} as ${digest}, ` +
    `but the registry now serves ${served}`;
  throw sourceError(line, 'SOURCE_DRAFT_STALE', message, {
    hint:
      `Run \`docker manifest rm ${name}\`, then create and annotate the draft again ` +
      '(`create --amend` keeps the old digests), or list the sources themselves instead of the draft.',
  });
}
