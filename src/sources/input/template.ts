import { FormatError, quote } from '../../oci/format-error.ts';
import { type Platform, platformSlug } from '../../oci/platform.ts';
import { checkLength } from './locator.ts';

/** One source that a template expands to. */
export interface Expansion {
  readonly text: string;
  /** The fields that all platforms with this text have in common. */
  readonly declared: Partial<Platform>;
}

const placeholders: ReadonlyMap<string, (platform: Platform) => string> = new Map([
  ['{os}', (platform: Platform) => platform.os],
  ['{arch}', (platform: Platform) => platform.architecture],
  ['{variant}', (platform: Platform) => platform.variant ?? ''],
  ['{platform}', platformSlug],
]);

const forms = [...placeholders.keys()].join(', ');
const placeholder = /\{[^{}]*\}/g;

/**
 * Expands `{os}`, `{arch}`, `{variant}` (empty for platforms without one) and `{platform}` (`linux-arm-v7`) in a source
 * over the platforms, in their order.
 *
 * A word without placeholders stays as it is. Platforms that expand to the same text share one expansion, which
 * declares only the fields that they have in common: `app:{os}` over linux/amd64 and linux/arm64 is one source,
 * `app:linux`. Throws FormatError for an unknown placeholder, or when there are no platforms to expand over.
 */
export function expandTemplate(word: string, platforms: readonly Platform[]): readonly Expansion[] {
  checkLength(word);
  const used = word.match(placeholder);
  if (used === null) return [{ text: word, declared: {} }];
  const unknown = used.find((name) => !placeholders.has(name));
  if (unknown !== undefined)
    throw new FormatError(`${quote(word)} has the placeholder ${quote(unknown)}`, forms);
  if (platforms.length === 0) {
    throw new FormatError(`${quote(word)} is a template without platforms`, 'the `platforms` input');
  }
  return merge(platforms.map((platform) => ({ text: fill(word, platform), declared: platform })));
}

function fill(word: string, platform: Platform): string {
  return word.replace(placeholder, (name) => placeholders.get(name)?.(platform) ?? name);
}

function merge(expansions: readonly Expansion[]): readonly Expansion[] {
  const merged = new Map<string, Partial<Platform>>();
  for (const { text, declared } of expansions) {
    const known = merged.get(text);
    merged.set(text, known ? inCommon(known, declared) : declared);
  }
  return [...merged].map(([text, declared]) => ({ text, declared }));
}

function inCommon(a: Partial<Platform>, b: Partial<Platform>): Partial<Platform> {
  const same = (field: string, value: unknown) =>
    JSON.stringify(value) === JSON.stringify(b[field as keyof Platform]);
  return Object.fromEntries(Object.entries(a).filter(([field, value]) => same(field, value)));
}
