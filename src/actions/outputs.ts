import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodedOf } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference, formatRepository } from '../oci/reference.ts';
import type { PublishRequest, TargetTag } from '../pipeline/request.ts';
import { messageOf } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import type { ArtifactSubject } from '../runner/artifact-subjects.ts';
import type { Runner } from '../runner/runner.ts';
import { sanitizeJson } from '../runner/sanitize.ts';
import type { Result } from './summary/report.ts';

/** UTF-16 code units of all outputs together: GitHub takes 1 MiB of outputs per job. */
const maxOutputsLength = 500_000;

/** The outputs of a run, by name, without `json-file`. */
export function outputsOf(result: Result): Readonly<Record<string, string>> {
  const { served, tags, members } = result;
  const names = tags.map(formatReference);
  const isPublished = tags.every(({ state }) => state !== 'dry-run' && state !== 'unknown');
  const repositories = repositoryImages(result);
  const images = repositories.map(({ name, digest }) => `${name}@${digest}`);
  const platforms = members.flatMap((member) =>
    member.kind === 'image' ? (member.descriptor.platform ?? []) : [],
  );
  const previous = tags.map((tag) => [formatReference(tag), tag.previous ?? null]);
  return {
    digest: served.digest,
    'media-type': served.mediaType,
    size: String(served.size),
    json: compactJson(served.bytes),
    platforms: [...new Set(platforms.map(formatPlatform))].join(','),
    tags: isPublished ? names.join('\n') : '',
    name: repositories[0]?.name ?? '',
    image: isPublished ? (images[0] ?? '') : '',
    images: isPublished ? images.join('\n') : '',
    published: String(isPublished),
    metadata: metadataOf(result, names),
    changed: String(tags.some((tag) => tag.previous !== served.digest)),
    previous: JSON.stringify(Object.fromEntries(previous)),
    purged: JSON.stringify(result.purged),
  };
}

/** A list in each repository of its tags, in order of first appearance. */
export function repositoryImages({
  tags,
  served: { digest },
}: {
  readonly tags: readonly TargetTag[];
  readonly served: Pick<Manifest, 'digest'>;
}): readonly ArtifactSubject[] {
  const names = new Set(tags.map(({ repository }) => formatRepository(repository)));
  return [...names].map((name) => ({ name, digest }));
}

/**
 * A document on one line; characters that a runner or a terminal would interpret are escaped, and no others. Numbers and
 * the order of keys do not change.
 */
export function compactJson(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  const line = text.replaceAll(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, (_, string: string | undefined) => {
    return string === undefined ? '' : JSON.stringify(JSON.parse(string));
  });
  return sanitizeJson(line);
}

// The keys that buildx writes to its metadata file.
function metadataOf(result: Result, names: readonly string[]): string {
  const { mediaType, digest, size } = result.served;
  return JSON.stringify({
    'containerimage.descriptor': { mediaType, digest, size },
    'containerimage.digest': digest,
    'image.name': names.join(','),
  });
}

/** The outputs of several lists: outputs that describe one list describe the first, the others cover all lists. */
function stepOutputsOf(
  lists: readonly ListOutputs[],
  form: PublishRequest['form'],
): Readonly<Record<string, string>> {
  const [first] = lists;
  if (first === undefined || form === 'inputs') return first?.outputs ?? {};
  const all = lists.map(({ result }) => outputsOf(result));
  const previous = all.map(({ previous = '{}' }) => JSON.parse(previous) as object);
  return {
    ...first.outputs,
    images: all.flatMap(({ images = '' }) => (images === '' ? [] : [images])).join('\n'),
    changed: String(all.some(({ changed }) => changed === 'true')),
    previous: JSON.stringify(Object.assign({}, ...previous)),
    purged: JSON.stringify(lists.flatMap(({ result }) => result.purged)),
    lists: sanitizeJson(JSON.stringify(lists.map(listDocument))),
  };
}

/** One list, with its outputs and the file that holds it. */
interface ListOutputs {
  readonly result: Result;
  readonly outputs: Readonly<Record<string, string>>;
}

// The keys are names of outputs; outputs with several lines or commas are arrays here.
function listDocument({ outputs }: ListOutputs): object {
  const { digest, size, name, image, changed, previous = '{}' } = outputs;
  const itemsOf = (output: string, separator: string) =>
    (outputs[output] ?? '').split(separator).filter(Boolean);
  return {
    digest,
    'media-type': outputs['media-type'],
    size: Number(size),
    platforms: itemsOf('platforms', ','),
    tags: itemsOf('tags', '\n'),
    name,
    image,
    images: itemsOf('images', '\n'),
    changed: changed === 'true',
    previous: JSON.parse(previous) as unknown,
    'json-file': outputs['json-file'],
  };
}

/**
 * Writes every output, and the exact bytes of each list to a file in RUNNER_TEMP (default: the system's temporary
 * directory); `lists` only for those of a spec. An output that cannot be written is a warning, because the tags are
 * published.
 */
export async function writeOutputs(
  { form, results }: { readonly form: PublishRequest['form']; readonly results: readonly Result[] },
  runner: Pick<Runner, 'environment' | 'output'>,
  observer: Observer,
): Promise<void> {
  const directory = runner.environment['RUNNER_TEMP'] || tmpdir();
  const lists: ListOutputs[] = [];
  for (const result of results) {
    const file = await writeJsonFile(result.served, directory, observer);
    lists.push({ result, outputs: { ...outputsOf(result), 'json-file': file } });
  }
  writeValues(stepOutputsOf(lists, form), runner, observer);
}

/** Writes the outputs of a run that publishes nothing: JSON outputs are empty JSON, the others are empty strings. */
export function writeDeferredOutputs(
  form: PublishRequest['form'],
  runner: Pick<Runner, 'output'>,
  observer: Observer,
): void {
  const names = [
    'digest',
    'media-type',
    'size',
    'json',
    'json-file',
    'platforms',
    'tags',
    'name',
    'image',
    'images',
  ];
  const empty = Object.fromEntries(names.map((name) => [name, '']));
  const lists = form === 'spec' ? { lists: '[]' } : {};
  const documents = { metadata: '{}', previous: '{}', purged: '[]', ...lists };
  writeValues({ ...empty, ...documents, published: 'false', changed: 'false' }, runner, observer);
}

/** Writes outputs by name, within the runner's limits; an output that cannot be written is a warning. */
export function writeValues(
  outputs: Readonly<Record<string, string>>,
  runner: Pick<Runner, 'output'>,
  observer: Observer,
): void {
  const failed: string[] = [];
  let why: unknown;
  for (const [name, value] of fitting(Object.entries(outputs), observer)) {
    try {
      runner.output(name, value);
    } catch (error) {
      failed.push(name);
      why = error;
    }
  }
  if (failed.length > 0)
    observer.warning(`Outputs could not be written: ${messageOf(why)} (${failed.join(', ')})`);
}

type Output = readonly [name: string, value: string];

// Drop the longest output first: later steps mostly use the short ones, and the list is also in a file.
function fitting(outputs: readonly Output[], observer: Observer): readonly Output[] {
  const total = outputs.reduce((sum, [, value]) => sum + value.length, 0);
  if (total <= maxOutputsLength) return outputs;
  const longest = outputs.reduce((a, b) => (b[1].length > a[1].length ? b : a));
  observer.warning(
    `Output ${longest[0]} is left empty: ${longest[1].length} characters are more than the runner takes. The list itself is in the file that json-file names.`,
  );
  return fitting(
    outputs.map((output) => (output === longest ? [output[0], ''] : output)),
    observer,
  );
}

/** Writes a document's bytes to a new file in a directory; returns its path, or '' when it cannot be written. */
export async function writeJsonFile(
  { digest, bytes }: Pick<Manifest, 'digest' | 'bytes'>,
  directory: string,
  observer: Observer,
): Promise<string> {
  const path = join(directory, `manifest-list-${encodedOf(digest).slice(0, 16)}-${randomUUID()}.json`);
  try {
    // Neither a file nor a link that someone else left in a shared directory is written to.
    await writeFile(path, bytes, { flag: 'wx' });
    return path;
  } catch (error) {
    observer.warning(`The file of output json-file could not be written: ${messageOf(error)}`);
    return '';
  }
}
