import type { ImageChange } from '../inspection/comparison.ts';
import { imagesOf } from '../inspection/document.ts';
import type { Inspection } from '../inspection/inspection.ts';
import { verboseText } from '../inspection/verbose.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatRepository } from '../oci/reference.ts';
import type { Observer } from '../run/observer.ts';
import type { Runner } from '../runner/runner.ts';
import { compactJson, platformNames, writeJsonFile, writeValues } from './outputs.ts';

/** Writes every output of the inspect action; throws ActionError when `verbose` needs a manifest that is missing. */
export async function writeInspection(
  inspection: Inspection,
  runner: Pick<Runner, 'environment' | 'output'>,
  observer: Observer,
): Promise<void> {
  const { request, inspected, before, changes } = inspection;
  const { manifest, reference } = inspected;
  const bytes = request.form === 'verbose' ? Buffer.from(verboseText(inspected)) : manifest.bytes;
  const name = reference === undefined ? '' : formatRepository(reference.repository);
  const outputs = {
    digest: manifest.digest,
    'media-type': manifest.mediaType,
    size: String(manifest.size),
    json: compactJson(bytes),
    'json-file': await writeJsonFile({ digest: manifest.digest, bytes }, runner, observer),
    platforms: platformNames(imagesOf(inspected).map(({ platform }) => platform)).join(','),
    name,
    image: name === '' ? '' : `${name}@${manifest.digest}`,
    changed: before === undefined ? '' : String(before.manifest.digest !== manifest.digest),
    differences: before === undefined ? '' : JSON.stringify(changes.flatMap(differenceOf)),
  };
  writeValues(outputs, runner, observer);
}

function differenceOf({ change, platform, entry, previous }: ImageChange): readonly object[] {
  if (change === 'unchanged') return [];
  return [
    {
      change,
      platform: platform && formatPlatform(platform),
      digest: entry?.descriptor.digest,
      previous: previous?.descriptor.digest,
    },
  ];
}
