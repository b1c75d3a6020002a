import type { Digest } from '../oci/digest.ts';
import type { Platform } from '../oci/platform.ts';
import { ActionError } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import type { SourceLine } from '../sources/source.ts';
import { compareImages, type ImageChange } from './comparison.ts';
import type { InspectedDocument } from './document.ts';
import { type InspectContext, readDocument } from './read-document.ts';
import { selectImage } from './select-image.ts';

/** The request of the inspect action. */
export interface InspectRequest {
  /** The source to inspect, of the kinds reference, oci, oci-archive or docker-manifest. */
  readonly image: SourceLine;
  readonly compareWith: SourceLine | undefined;
  /** `verbose`: the document is the output of `docker manifest inspect --verbose`. */
  readonly form: 'plain' | 'verbose';
  /** Inspect the image that a client of this platform pulls, instead of the list. */
  readonly platform: Platform | undefined;
  /** The platforms that the list must have; it may have others, too. */
  readonly expectPlatforms: readonly Platform[];
  readonly expectDigest: Digest | undefined;
}

/** The result of an inspection. */
export interface Inspection {
  readonly request: InspectRequest;
  /** The document that the input `image` names. */
  readonly document: InspectedDocument;
  /** The same document, or its image that a client of the requested platform pulls. */
  readonly inspected: InspectedDocument;
  readonly before: InspectedDocument | undefined;
  /** How the images of `inspected` differ from those of `before`; none without a comparison. */
  readonly changes: readonly ImageChange[];
}

/** Reads the requested documents; throws ActionError when one cannot be read. */
export async function readInspection(request: InspectRequest, context: InspectContext): Promise<Inspection> {
  const { image, compareWith } = request;
  const [document, before] = await Promise.all([
    readDocument(image, context),
    compareWith && readDocument(compareWith, context),
  ]);
  return comparedWith({ request, document, inspected: document }, before);
}

/**
 * The inspection of the image that clients of the requested platform pull, in both documents; unchanged when no
 * platform is requested. Throws ActionError PLATFORM_MISSING when the inspected document has none; the other document
 * then has no entry.
 */
export function narrowed(inspection: Inspection, observer: Pick<Observer, 'warning'>): Inspection {
  const { request, document, before } = inspection;
  const { platform } = request;
  if (platform === undefined) return inspection;
  const inspected = selectImage(document, platform, observer);
  return comparedWith({ request, document, inspected }, before && selectedBefore(before, platform, observer));
}

function selectedBefore(before: InspectedDocument, platform: Platform, observer: Pick<Observer, 'warning'>) {
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
