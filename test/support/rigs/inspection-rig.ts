/** Documents as the inspect action reads them, from images in memory. */
import type { InspectedDocument } from '../../../src/inspection/document.ts';
import type { Inspection, InspectRequest } from '../../../src/inspection/inspection.ts';
import { readEntries } from '../../../src/inspection/read-entries.ts';
import { wholeOf } from '../../../src/oci/manifest.ts';
import { parseReference } from '../../../src/oci/reference.ts';
import type { TestContent } from '../images/images.ts';
import { resolvedOf } from './source-rig.ts';

const name = 'ghcr.io/acme/app:1';

/** The document of a list or an image in a registry; `lost` digests are not there. */
export async function documentOf(
  content: TestContent,
  lost: readonly string[] = [],
): Promise<InspectedDocument> {
  const resolved = resolvedOf(content, { lost });
  const manifest = wholeOf(resolved.manifest);
  return { name, reference: parseReference(name), manifest, entries: await readEntries(resolved) };
}

/** An inspection of a document as it is. */
export function inspectionOf(document: InspectedDocument, request: Partial<InspectRequest> = {}): Inspection {
  const { repository, tag = '' } = parseReference(name);
  const locator = { kind: 'reference', repository, tag } as const;
  const wanted: InspectRequest = {
    image: { text: name, line: 1, locator, declared: {}, annotations: {} },
    compareWith: undefined,
    form: 'plain',
    platform: undefined,
    expectPlatforms: [],
    expectDigest: undefined,
    ...request,
  };
  return { request: wanted, document, inspected: document, before: undefined, changes: [] };
}
