import type { Platform } from '../oci/platform.ts';
import { ActionError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import { compareImages, type ImageChange } from './comparison.ts';
import type { InspectedDocument } from './document.ts';
import { type InspectContext, readDocument } from './read-document.ts';
import type { InspectRequest } from './request.ts';
import { selectImage } from './select-image.ts';

/** What an inspection found. */
export interface Inspection {
  readonly request: InspectRequest;
  /** What the input `image` names. */
  readonly document: InspectedDocument;
  /** The same, or the image of it that a client of the wanted platform pulls. */
  readonly inspected: InspectedDocument;
  /** What it is compared with. */
  readonly before: InspectedDocument | undefined;
  /** How the images of `inspected` differ from those of `before`; none without a comparison. */
  readonly changes: readonly ImageChange[];
}

/** Reads the documents that are asked for; throws ActionError when one cannot be read. */
export async function readInspection(request: InspectRequest, context: InspectContext): Promise<Inspection> {
  const { image, compareWith } = request;
  const [document, before] = await Promise.all([
    readDocument(image, context),
    compareWith && readDocument(compareWith, context),
  ]);
  return comparedWith({ request, document, inspected: document }, before);
}

/**
 * The inspection of the image that clients of the wanted platform pull, in both documents; the same when no platform is
 * wanted. Throws ActionError PLATFORM_MISSING when the inspected document has none; of the other one, nothing is left then.
 */
export function narrowed(inspection: Inspection, observer: Pick<Observer, 'warning'>): Inspection {
  const { request, document, before } = inspection;
  const { platform } = request;
  if (platform === undefined) return inspection;
  const inspected = selectImage(document, platform, observer);
  return comparedWith({ request, document, inspected }, before && selectedBefore(before, platform, observer));
}

function selectedBefore(
  before: InspectedDocument,
  platform: Platform,
  observer: Pick<Observer, 'warning'>,
): InspectedDocument {
  try {
    return selectImage(before, platform, observer);
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== 'PLATFORM_MISSING') throw error;
    return { ...before, entries: [] };
  }
}

function comparedWith(
  { request, document, inspected }: Pick<Inspection, 'request' | 'document' | 'inspected'>,
  before: InspectedDocument | undefined,
): Inspection {
  const changes = before === undefined ? [] : compareImages(before, inspected);
  return { request, document, inspected, before, changes };
}
