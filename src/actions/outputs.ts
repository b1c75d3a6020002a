import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageChange } from '../inspection/comparison.ts';
import { imagesOf } from '../inspection/document.ts';
import type { Inspection } from '../inspection/inspection.ts';
import { verboseText } from '../inspection/verbose.ts';
import { encodedOf } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
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

type ListFacts = ReturnType<typeof factsOf>;

/** The facts about one list for outputs; `tags` and `images` are empty if it is not published. */
export function factsOf({ served, tags, heldBack = [], members, purged }: Result) {
  const images = members.filter(({ kind }) => kind === 'image');
  const repositories = repositoryImages({ tags, served });
  const [first] = repositoryImages({ tags: [...tags, ...heldBack], served });
  const names = tags.map(formatReference);
  const published = tags.length > 0 && tags.every(({ state }) => state !== 'dry-run' && state !== 'unknown');
  return {
    manifest: served,
    platforms: platformNames(images.map(({ descriptor }) => descriptor.platform)),
    names,
    tags: published ? names : [],
    repository: first?.name ?? '',
    images: published ? repositories.map(({ name, digest }) => `${name}@${digest}`) : [],
    published,
    heldBack: heldBack.map(formatReference),
    changed: tags.some(({ previous }) => previous !== served.digest),
    /** The digest that each tag held before. */
    previous: Object.fromEntries(tags.map((tag) => [formatReference(tag), tag.previous ?? null])),
    purged,
  };
}

function platformNames(platforms: readonly (Platform | undefined)[]): readonly string[] {
  return [...new Set(platforms.flatMap((platform) => (platform ? formatPlatform(platform) : [])))];
}

/** The outputs for a list, by name, without `json-file`. */
export function outputsOf({ manifest, images, ...facts }: ListFacts): Readonly<Record<string, string>> {
  return {
    digest: manifest.digest,
    'media-type': manifest.mediaType,
    size: String(manifest.size),
    json: compactJson(manifest.bytes),
    platforms: facts.platforms.join(','),
    tags: facts.tags.join('\n'),
    name: facts.repository,
    image: images[0] ?? '',
    images: images.join('\n'),
    published: String(facts.published),
    ...(facts.heldBack.length > 0 && { 'held-back': facts.heldBack.join('\n') }),
    metadata: metadataOf(manifest, facts.names),
    changed: String(facts.changed),
    previous: JSON.stringify(facts.previous),
    purged: JSON.stringify(facts.purged),
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

/** A document on one line, otherwise as written, but with escapes for what a runner or a terminal would interpret. */
export function compactJson(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  const line = text.replaceAll(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, (_, string: string | undefined) => {
    return string === undefined ? '' : JSON.stringify(JSON.parse(string));
  });
  return sanitizeJson(line);
}

// The keys that buildx writes to its metadata file.
function metadataOf({ mediaType, digest, size }: Manifest, names: readonly string[]): string {
  return JSON.stringify({
    'containerimage.descriptor': { mediaType, digest, size },
    'containerimage.digest': digest,
    'image.name': names.join(','),
  });
}

/** The facts about the first list, and about all lists together. */
function stepFacts(first: ListFacts, lists: readonly ListFacts[]): ListFacts {
  return {
    ...first,
    images: lists.flatMap(({ images }) => images),
    published: lists.some(({ published }) => published),
    heldBack: lists.flatMap(({ heldBack }) => heldBack),
    changed: lists.some(({ changed }) => changed),
    previous: Object.assign({}, ...lists.map(({ previous }) => previous)),
    purged: lists.flatMap(({ purged }) => purged),
  };
}

// The keys are names of outputs; outputs with several lines or commas are arrays here.
function listDocument(facts: ListFacts, file: string): object {
  const { manifest, platforms, tags, repository: name, images, changed, previous, heldBack } = facts;
  const { digest, mediaType, size } = manifest;
  const image = images[0] ?? '';
  return {
    ...{ digest, 'media-type': mediaType, size, platforms, tags, name, image, images, changed, previous },
    'held-back': heldBack,
    'json-file': file,
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
  const lists = results.map(factsOf);
  const [first] = lists;
  if (first === undefined) return;
  const files: string[] = [];
  for (const { manifest } of lists) files.push(await writeJsonFile(manifest, runner, observer));
  const documents = lists.map((facts, at) => listDocument(facts, files[at] ?? ''));
  const outputs = {
    ...outputsOf(stepFacts(first, lists)),
    'json-file': files[0] ?? '',
    ...(form === 'spec' && { lists: sanitizeJson(JSON.stringify(documents)) }),
  };
  writeValues(outputs, runner, observer);
}

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

const emptyOutputs = [
  ...['digest', 'media-type', 'size', 'json', 'json-file'],
  ...['platforms', 'tags', 'name', 'image', 'images'],
];

/** Writes the outputs of a run whose lists are all left out: JSON outputs are empty JSON, the others are empty strings. */
export function writeEmptyOutputs(runner: Pick<Runner, 'output'>, observer: Observer): void {
  const empty = Object.fromEntries(emptyOutputs.map((name) => [name, '']));
  const documents = { metadata: '{}', previous: '{}', purged: '[]', lists: '[]' };
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

/** Writes a document's bytes to a new temporary file; returns its path, or '' when it cannot be written. */
async function writeJsonFile(
  { digest, bytes }: Pick<Manifest, 'digest' | 'bytes'>,
  { environment }: Pick<Runner, 'environment'>,
  observer: Observer,
): Promise<string> {
  const directory = environment['RUNNER_TEMP'] || tmpdir();
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
