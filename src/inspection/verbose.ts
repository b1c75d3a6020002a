import { marshalIndent, RawJson } from '../oci/go-json.ts';
import { platformFields } from '../oci/image-index.ts';
import { isDockerType } from '../oci/media-types.ts';
import { formatReference } from '../oci/reference.ts';
import { ActionError, withContext } from '../run/errors.ts';
import type { InspectedDocument, InspectedEntry } from './document.ts';

/**
 * The output of `docker manifest inspect --verbose`: an object for an image, an array for a list
 * (github.com/docker/cli, cli/command/manifest/inspect.go). Throws ActionError when an entry's manifest is missing.
 */
export function verboseText(document: InspectedDocument): string {
  const { entries, manifest } = document;
  const elements = entries.map((entry) => element(entry, document));
  return `${marshalIndent(manifest.content.kind === 'index' ? elements : elements[0], '\t')}\n`;
}

function element(entry: InspectedEntry, document: InspectedDocument): object {
  const { descriptor, manifest, flaw } = entry;
  if (manifest === undefined) throw withContext(document.name, flaw ?? unreadable(entry));
  const { mediaType, digest, size, platform = { architecture: '', os: '' } } = descriptor;
  return {
    Ref: referenceOf(entry, document),
    Descriptor: { mediaType, digest, size, platform: platformFields(platform) },
    Raw: Buffer.from(manifest.bytes).toString('base64'),
    // Docker keeps strings and numbers as they are written, and the order of keys.
    [isDockerType(manifest.mediaType) ? 'SchemaV2Manifest' : 'OCIManifest']: new RawJson(
      Buffer.from(manifest.bytes).toString('utf8'),
    ),
  };
}

function unreadable({ descriptor: { digest, mediaType } }: InspectedEntry): ActionError {
  return new ActionError('SOURCE_NOT_AN_IMAGE', `${digest} is no manifest, but ${mediaType}`, {
    hint: 'Inspect it without `verbose`.',
  });
}

function referenceOf({ reference, descriptor }: InspectedEntry, document: InspectedDocument): string {
  if (reference !== undefined) return formatReference(reference);
  const { digest } = descriptor;
  if (document.reference === undefined) return `${document.name}@${digest}`;
  const isList = document.manifest.content.kind === 'index';
  return formatReference(isList ? { ...document.reference, digest } : document.reference);
}
