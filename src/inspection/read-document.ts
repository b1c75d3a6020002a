import { assembleIndex } from '../oci/image-index.ts';
import { parseManifest, wholeOf } from '../oci/manifest.ts';
import { familiarReference, parseReference, type Reference } from '../oci/reference.ts';
import type { RunContext } from '../pipeline/run-context.ts';
import { ActionError } from '../run/errors.ts';
import type { DraftSource } from '../sources/resolve/docker-manifest.ts';
import { registryStore } from '../sources/resolve/registry-store.ts';
import { similarTag } from '../sources/resolve/similar-tag.ts';
import type { Located, Resolved, SourceContext, SourceLine } from '../sources/source.ts';
import { parseSource, sourceError } from '../sources/source-error.ts';
import type { InspectedDocument, InspectedEntry } from './document.ts';
import { readEntries } from './read-entries.ts';

/** The context that reads a document. */
export type InspectContext = RunContext & Pick<SourceContext, 'directory' | 'dockerConfig'>;

/**
 * Reads the document that a source names, and the manifests that it lists. An entry whose manifest is missing or is not
 * an image has a `flaw` and is not an error. Throws SourceError, AuthError, NetworkError, RegistryError,
 * IntegrityError.
 */
export function readDocument(source: SourceLine, context: InspectContext): Promise<InspectedDocument> {
  const { kind } = source.locator;
  if (kind === 'docker-manifest') return readDraftDocument(source as Located<typeof kind>, context);
  if (kind === 'oci' || kind === 'oci-archive') return readLayoutDocument(source, context);
  return readRegistryDocument(source as Located<'reference'>, context);
}

async function readRegistryDocument(line: Located<'reference'>, { client, clock }: InspectContext) {
  const { kind: _, ...reference } = line.locator;
  const manifest = await readManifest(reference, client);
  const store = registryStore(client, reference.repository, { wait: 0, clock });
  const name = familiarReference(reference);
  return { name, reference, manifest, entries: await readEntries({ line, label: name, manifest, store }) };
}

async function readManifest({ repository, tag, digest }: Reference, client: InspectContext['client']) {
  try {
    return await client.getManifest(repository, digest ?? tag ?? 'latest');
  } catch (error) {
    const isMissing = error instanceof ActionError && error.code === 'NOT_FOUND';
    if (!isMissing || tag === undefined || digest !== undefined) throw error;
    const meant = similarTag(tag, await client.listTags(repository));
    if (meant === undefined) throw error;
    const hint = `Did you mean ${meant}? ${error.hint ?? ''}`;
    throw new ActionError(error.code, error.message, { hint, cause: error });
  }
}

async function readLayoutDocument(line: SourceLine, context: InspectContext): Promise<InspectedDocument> {
  const image = await soleImage(line, context);
  const { label, manifest } = image;
  return {
    name: label,
    reference: undefined,
    manifest: wholeOf(manifest),
    entries: await readEntries(image),
  };
}

async function soleImage(line: SourceLine, context: InspectContext): Promise<Resolved> {
  const { resolveArchive, resolveLayout } = await import('../sources/resolve/oci.ts');
  const isDirectory = line.locator.kind === 'oci';
  const images = isDirectory
    ? await resolveLayout(line as Located<'oci'>, { ...context, budget: context.client.budget })
    : await resolveArchive(line as Located<'oci-archive'>, { ...context, budget: context.client.budget });
  const [first, ...others] = images;
  if (first !== undefined && others.length === 0) return first;
  const code = isDirectory ? 'SOURCE_LAYOUT' : 'SOURCE_ARCHIVE';
  throw sourceError(line, code, `${line.text} has ${images.length} images`, {
    hint: `Name one of them: ${images
      .slice(0, 10)
      .map(({ label }) => label)
      .join(', ')}.`,
  });
}

/** A draft's document is the list that `docker manifest push` would push. */
async function readDraftDocument(line: Located<'docker-manifest'>, context: InspectContext) {
  const { readDraft } = await import('../sources/resolve/docker-manifest.ts');
  const list = parseReference(line.locator.name);
  const name = `docker-manifest:${familiarReference(list)}`;
  const { place } = line;
  const subject = { line: line.line, place, code: 'SOURCE_DRAFT', name } as const;
  const sources = await readDraft(line, list, context);
  return parseSource(subject, () => {
    const entries = sources.map(draftEntry);
    const manifest = assembleIndex(
      entries.map(({ descriptor }) => descriptor),
      { format: 'docker' },
    );
    return { name, reference: undefined, manifest, entries };
  });
}

function draftEntry({ reference, digest, platform, mediaType, raw }: DraftSource): InspectedEntry {
  const manifest = parseManifest(raw, mediaType, digest);
  const { size } = manifest;
  const descriptor = { mediaType: manifest.mediaType, digest, size, ...(platform && { platform }) };
  return { descriptor, platform, kind: 'image', manifest, reference };
}
