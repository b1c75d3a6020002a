import { FormatError, quote } from '../oci/format-error.ts';
import { parseReference } from '../oci/reference.ts';
import type { SpecEntry, SpecInput, SpecValue } from './spec-inputs.ts';
import { describeNode, type SpecMapping, type SpecNode } from './spec-node.ts';
import { quoteKey, type SpecProblems } from './spec-problems.ts';
import { readLines, readPairs, readWord, type SpecRow, specValue } from './spec-value.ts';

/**
 * The form of manifest-tool's file (github.com/estesp/manifest-tool, `push from-spec`):
 *
 *     image: registry/repository[:tag]
 *     tags: [more, tags]
 *     annotations: {key: value}
 *     manifests:
 *       - image: registry/repository:tag, with OS, ARCH and VARIANT in it standing for those of the platform
 *         platform: {os, architecture, variant, os.version, os.features, features}
 *
 * `features` (of a CPU, which no client reads) is ignored with a warning. Go templates are refused.
 */
export const manifestToolKeys: readonly string[] = ['image', 'tags', 'manifests', 'annotations'];

/** The key in a line of `sources` for each key of a platform. */
export const manifestToolPlatformKeys: Readonly<Record<string, string>> = {
  os: 'os',
  architecture: 'arch',
  variant: 'variant',
  'os.version': 'os-version',
  osversion: 'os-version',
  'os.features': 'os-features',
  osfeatures: 'os-features',
  features: '',
};

/** Whether a list has manifest-tool's form. */
export function isManifestToolForm({ fields }: SpecMapping): boolean {
  return fields.some(({ key }) => key === 'image' || key === 'manifests');
}

/** Converts a list in manifest-tool's form to inputs. */
export function readManifestToolForm(mapping: SpecMapping, problems: SpecProblems): SpecEntry {
  const before = problems.count;
  const reader = new FormReader(problems);
  const { image, tags, manifests, annotations } = reader.fieldsOf(mapping, manifestToolKeys);
  const values = new Map<SpecInput, SpecValue>();
  if (image === undefined) problems.add(mapping.line, 'has no image');
  else values.set('tags', specValue(reader.tags(image, tags)));
  if (manifests === undefined) problems.add(mapping.line, 'has no manifests');
  else values.set('sources', specValue(reader.sources(manifests)));
  if (annotations !== undefined)
    values.set('annotations', specValue(readPairs(annotations, 'annotations', problems, 'index:')));
  const flawed = problems.count > before ? formInputs : [];
  return { inputs: values, flawed: new Set(flawed) };
}

const formInputs: readonly SpecInput[] = ['tags', 'sources', 'annotations'];

class FormReader {
  readonly #problems: SpecProblems;

  constructor(problems: SpecProblems) {
    this.#problems = problems;
  }

  /** The values by key; unknown keys are problems. */
  fieldsOf(mapping: SpecMapping, known: readonly string[]): Readonly<Record<string, SpecNode>> {
    const fields = this.#problems.uniqueFields(mapping);
    for (const { key, line } of fields) {
      if (!known.includes(key))
        this.#problems.add(
          line,
          `${quoteKey(key)} is not known in manifest-tool's form; expected one of ${known.join(', ')}`,
        );
    }
    return Object.fromEntries(fields.map(({ key, value }) => [key, value]));
  }

  /** The image's own tag, then the others in its repository. */
  tags(image: SpecNode, others: SpecNode | undefined): readonly SpecRow[] {
    const name = this.#word(image, 'image');
    const reference = name && this.#attempt(name.line, () => parseReference(name.text));
    if (name === undefined || reference === undefined) return [];
    if (reference.digest !== undefined)
      this.#problems.add(name.line, `image ${quote(name.text)} has a digest; write a tag`);
    const rows = others === undefined ? [] : readLines(others, 'tags', this.#problems);
    // manifest-tool accepts a repeated tag without a message.
    const own = reference.tag === undefined ? [] : [{ text: reference.tag, line: name.line }];
    const tags = new Map<string, number>();
    for (const { text, line } of [...own, ...rows])
      if (text.trim() !== '' && !tags.has(text.trim())) tags.set(text.trim(), line);
    if (tags.size === 0) this.#problems.add(name.line, `image ${quote(name.text)} has no tag`);
    // As it is written: a name without its registry is explained where it fails.
    const repository =
      reference.tag === undefined ? name.text : name.text.slice(0, -1 - reference.tag.length);
    return [...tags].map(([tag, line]) => ({ text: `${repository}:${tag}`, line }));
  }

  sources(manifests: SpecNode): readonly SpecRow[] {
    if (manifests.kind !== 'sequence' || manifests.items.length === 0) {
      this.#problems.add(manifests.line, 'manifests is not a list of images with their platforms');
      return [];
    }
    return manifests.items.flatMap((item) => this.#source(item) ?? []);
  }

  #source(item: SpecNode): SpecRow | undefined {
    if (item.kind !== 'mapping') {
      this.#problems.add(item.line, `manifests has ${describeNode(item)} in it; expected image and platform`);
      return undefined;
    }
    const { image, platform } = this.fieldsOf(item, ['image', 'platform']);
    const name = image && this.#word(image, 'image');
    if (image === undefined) this.#problems.add(item.line, 'an entry of manifests has no image');
    const words = platform === undefined ? new Map<string, string>() : this.#platform(platform);
    if (name === undefined) return undefined;
    const text = this.#attempt(name.line, () => expand(name.text, words));
    const declared = [...words].map((word) => word.join('='));
    return text === undefined ? undefined : { text: [text, ...declared].join(' '), line: name.line };
  }

  #platform(node: SpecNode): ReadonlyMap<string, string> {
    if (node.kind !== 'mapping') {
      this.#problems.add(node.line, `platform is ${describeNode(node)}; expected os and architecture`);
      return new Map();
    }
    const fields = this.fieldsOf(node, Object.keys(manifestToolPlatformKeys));
    return new Map(
      Object.entries(fields).flatMap(([key, value]) => {
        const text = this.#platformText(key, value);
        return text === '' ? [] : [[manifestToolPlatformKeys[key] ?? '', text] as const];
      }),
    );
  }

  #platformText(key: string, value: SpecNode): string {
    const name = manifestToolPlatformKeys[key];
    const rows = readLines(value, `platform ${key}`, this.#problems);
    const text = rows
      .map((row) => row.text.trim())
      .filter((row) => row !== '')
      .join(',');
    if (name === '' && text !== '')
      this.#problems.warn(value.line, 'platform features are ignored, because no client reads them');
    if (!/[\s"=]/.test(text)) return name ? text : '';
    this.#problems.add(
      value.line,
      `platform ${key} is ${quote(text)}; write it without spaces, quotes and "="`,
    );
    return '';
  }

  #word(node: SpecNode, key: string): SpecRow | undefined {
    const word = readWord(node, key, this.#problems);
    if (word === undefined) return undefined;
    const flaw = flawOf(word.text);
    if (flaw === undefined) return word;
    this.#problems.add(word.line, `${key} ${flaw}`);
    return undefined;
  }

  #attempt<T>(line: number, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#problems.add(line, `${error.message} (expected: ${error.expected})`);
      return undefined;
    }
  }
}

function flawOf(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (text.includes('{{')) return `${quote(text)} is a Go template; write its value instead`;
  return /[\s"]/.test(text) ? `${quote(text)} contains white space or a quotation mark` : undefined;
}

const placeholderNames: Readonly<Record<string, string>> = { OS: 'os', ARCH: 'arch', VARIANT: 'variant' };

/**
 * Replaces OS, ARCH and VARIANT if they are whole words, also next to each other as in `app:ARCHVARIANT`: a tag such as
 * `CentOS-7` stays unchanged. VARIANT is empty for a platform without one.
 */
function expand(image: string, platform: ReadonlyMap<string, string>): string {
  const words = /(?<![A-Za-z0-9])(?:OS|ARCH|VARIANT)+(?![A-Za-z0-9])/g;
  return image.replace(words, (word) =>
    word.replace(/OS|ARCH|VARIANT/g, (name) => {
      const value = platform.get(placeholderNames[name] ?? '') ?? '';
      if (value !== '' || name === 'VARIANT') return value;
      throw new FormatError(`${quote(image)} has ${name} in it`, 'a platform with os and architecture');
    }),
  );
}
