import { describePlatform, type Platform, spellPlatform } from '../oci/platform.ts';
import { describeArtifact } from '../policy/artifact-name.ts';
import { type Choosable, choose } from '../policy/puller.ts';
import { machineOf } from '../policy/removed-platform.ts';
import { ActionError, withContext } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { describePlatforms, type InspectedDocument, type InspectedEntry, imagesOf } from './document.ts';

/**
 * The image of a list that Docker and containerd pull on a platform; for an image, the image itself if they run it
 * there. Throws ActionError PLATFORM_MISSING when there is none, and the error of an entry that could not be read.
 */
export function selectImage(
  document: InspectedDocument,
  platform: Platform,
  observer: Pick<Observer, 'warning'>,
): InspectedDocument {
  const { name, manifest, reference } = document;
  const images = imagesOf(document).map((entry) => {
    return [{ digest: entry.descriptor.digest, platform: entry.platform }, entry] as const;
  });
  const entries: ReadonlyMap<Choosable, InspectedEntry> = new Map(images);
  const choice = choose('containerd', [...entries.keys()], machineOf(platform));
  const entry = choice && entries.get(choice.entry);
  if (choice === undefined || entry === undefined) throw missing(document, platform);
  if (entry.manifest === undefined) throw withContext(name, entry.flaw);
  if (choice.how === 'fallback' && entry.platform !== undefined) {
    const taken = describePlatform(entry.platform);
    observer.warning(`${name} has no image for ${spellPlatform(platform)}; clients pull ${taken} instead`);
  }
  if (manifest.content.kind === 'image') return document;
  const { digest } = entry.descriptor;
  return {
    name: `${name.replace(/@sha(?:256|512):[0-9a-f]+$/, '')}@${digest}`,
    reference: reference && { ...reference, digest },
    manifest: entry.manifest,
    entries: [entry],
  };
}

function missing(document: InspectedDocument, platform: Platform): ActionError {
  const { name, manifest, entries } = document;
  const wanted = spellPlatform(platform);
  const held = describePlatforms(document);
  const isList = manifest.content.kind === 'index';
  const single =
    entries[0]?.kind === 'image'
      ? `not a list, but an image for ${held}`
      : `no image, but ${describeArtifact(manifest)}`;
  const message = isList
    ? `${name} has no image for ${wanted}; it has ${held}`
    : `${name} is ${single}; the step requested ${wanted}`;
  return new ActionError('PLATFORM_MISSING', message, {
    hint: isList
      ? 'Set `platform` to a platform of the list, or publish the list with the missing image.'
      : 'Remove `platform`, or inspect a list.',
  });
}
