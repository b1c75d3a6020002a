import {
  type Annotation,
  type AnnotationLevels,
  collectAnnotations,
  parseAnnotation,
} from '../../oci/annotations.ts';
import { FormatError, quote } from '../../oci/format-error.ts';
import { type Platform, parsePlatform } from '../../oci/platform.ts';
import { parseReference, uniqueReferences } from '../../oci/reference.ts';
import type { ListRequest, PublishRequest, TargetTag } from '../../pipeline/request.ts';
import { parseTagGlob } from '../../policy/tag-glob.ts';
import { absentWord, explaining } from '../../sources/explanation.ts';
import { parseSources } from '../../sources/input/parse-sources.ts';
import type { InputReader } from './input-reader.ts';
import { findContradictions } from './shared-tags.ts';

const lostOutputs =
  'sources is JSON, but `platforms` is not set: GitHub drops job outputs that are empty or contain a secret, and the step cannot detect a dropped output. List the expected platforms in `platforms`.';

/** Reads the inputs of one list; the reader collects their problems and their conflicts with inputs of the step. */
export function readListRequest(
  reader: InputReader,
  defaults: AnnotationLevels['defaults'],
  missingSources: PublishRequest['missingSources'],
): ListRequest {
  const platforms = reader.words('platforms', 'platforms', parsePlatform);
  const tags = uniqueReferences(reader.words('tags', 'tags', (text) => parseTarget(text, reader)));
  const base = reader.flag('amend', { true: 'amend', false: 'replace' }, 'false');
  const request: ListRequest = {
    tags,
    platforms,
    sources: readSources(reader, platforms),
    annotations: {
      ...collectAnnotations(
        reader.list(
          'annotations',
          explaining('annotations', (text) => parseUnquoted(text, reader)),
        ),
      ),
      ...(defaults === undefined ? {} : { defaults }),
    },
    format: reader.choice('format', ['auto', 'docker', 'oci']),
    index: reader.flag('prefer-index', { true: 'always', false: 'needed' }),
    attestations: reader.choice('attestations', ['keep', 'drop']),
    platformMismatch: reader.choice('platform-mismatch', ['error', 'warn']),
    revisionMismatch: reader.choice('revision-mismatch', ['warn', 'error', 'allow']),
    duplicatePlatforms: reader.choice('duplicate-platforms', ['error', 'first', 'last']),
    missingPlatforms: missingSources === 'ignore' ? 'allow' : 'refuse',
    base,
    removedPlatforms: reader.choice('removed-platforms', ['warn', 'allow', 'error']),
    immutableTags: reader.words('immutable-tags', 'patterns', parseTagGlob),
    forwardOnlyTags: reader.words('forward-only-tags', 'patterns', parseTagGlob),
  };
  for (const { input, message } of findContradictions(request, missingSources))
    reader.refuse(input, undefined, message);
  if (tags.length === 0)
    reader.require('tags', 'lists no tag to publish; write one per line, such as ghcr.io/acme/app:latest');
  return request;
}

function parseTarget(text: string, reader: InputReader): TargetTag {
  const form = 'registry/repository:tag, such as ghcr.io/acme/app:1.2.3';
  // Docker would read these as names on Docker Hub; a host may have such a name before its port.
  if (/^oci(?:-archive|-layout|dir)?:(?!\d+\/)/.test(text))
    throw new FormatError(
      `${quote(text)} is a layout: layouts are only read, and tags are in a registry`,
      form,
    );
  const reference = parseReference(text);
  reader.noteShortName('tags', text, reference.repository);
  if (reference.digest !== undefined)
    throw new FormatError(`${quote(text)} has a digest, but a target is a tag`, form);
  if (reference.tag === undefined) throw new FormatError(`${quote(text)} has no tag`, form);
  const absent = absentWord(reference.tag);
  if (absent !== undefined)
    reader.warn(
      (names) =>
        `tags: ${names}: the tag has the word ${absent}, which stands for a value that does not exist`,
      quote(text),
    );
  return { repository: reference.repository, tag: reference.tag };
}

// YAML keeps quotes within a block, and no key begins with one.
function parseUnquoted(text: string, reader: InputReader): Annotation {
  if (!/^["'“”„‟‘’‚‛«»]/.test(text)) {
    const annotation = parseAnnotation(text);
    if (/^[{[]/.test(text))
      reader.warn(
        () =>
          `annotations: ${quote(text)} is JSON, and is published with the key ${quote(annotation.key)}; write key=value`,
      );
    if (/^[“”„‟«‘‚].*[“”‟»’‘]$/u.test(annotation.value))
      reader.warn(
        (keys) =>
          `annotations: the value of ${keys} is published with the typographic quotes around it; remove them`,
        quote(annotation.key),
      );
    return annotation;
  }
  const message = `annotation ${quote(text)} begins with a quote`;
  throw new FormatError(message, 'key=value without quotes around it');
}

function readSources(reader: InputReader, platforms: readonly Platform[]): ListRequest['sources'] {
  const { lines, problems, documents } = parseSources(reader.text('sources'), platforms);
  for (const { line, message } of problems) reader.refuse('sources', line, message);
  for (const { text, locator } of lines)
    if (locator.kind === 'reference') reader.noteShortName('sources', text, locator.repository);
  if (documents > 0 && platforms.length === 0) reader.warn(() => lostOutputs);
  return lines.map((source) => ({ ...source, line: reader.lineOf('sources', source.line) }));
}
