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
  /** What it was compared with. */
  readonly before: InspectedDocument | undefined;
  /** How the images of `inspected` differ from those of `before`; none without a comparison. */
  readonly changes: readonly ImageChange[];
}

/** Reads what is asked for; throws ActionError when it cannot be read, or has no image for the wanted platform. */
export async function readInspection(request: InspectRequest, context: InspectContext): Promise<Inspection> {
  const { image, compareWith, platform } = request;
  const reads = [image, compareWith].map((line) => line && readDocument(line, context));
  const [document, other] = await Promise.all(reads);
  if (document === undefined) throw new Error('there is nothing to inspect');
  const choose = (from: InspectedDocument): InspectedDocument =>
    platform === undefined ? from : selectImage(from, platform, context.observer);
  const inspected = choose(document);
  const before = other && choose(other);
  const changes = before === undefined ? [] : compareImages(before, inspected);
  return { request, document, inspected, before, changes };
}
