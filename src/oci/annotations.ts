import { FormatError, hasControlCharacter, quote } from './format-error.ts';
import { type Platform, parsePlatform } from './platform.ts';

/** The target of an annotation: the index, or one entry of it or (without a platform) every entry. */
type AnnotationLevel =
  | { readonly kind: 'index' | 'manifest' }
  | { readonly kind: 'entry'; readonly platform: Platform | undefined };

/** The annotation of entries whose layers are compressed with zstd; clients that know it prefer these entries. */
export const zstdAnnotation = 'io.github.containers.compression.zstd';

/** One `key=value` with its levels. */
export interface Annotation {
  readonly levels: readonly AnnotationLevel[];
  readonly key: string;
  readonly value: string;
}

/** Annotations by target. */
export interface AnnotationLevels {
  readonly index: Readonly<Record<string, string>>;
  /** For the index, unless it already has an annotation with this name. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** In the order of the input; platform undefined means every entry. */
  readonly entries: readonly {
    readonly platform: Platform | undefined;
    readonly key: string;
    readonly value: string;
  }[];
}

const form =
  '[level:]key=value, where level is index, manifest, manifest-descriptor or manifest-descriptor[os/arch], or several separated by commas';

/**
 * Reads one annotation:
 *
 *     annotation = [ level *( "," level ) ":" ] key "=" value
 *     level      = "index"                               the index, as without a level
 *                / "manifest" [ "[" platform "]" ]       the index too: the images' own bytes do not change
 *                / "manifest-descriptor" [ "[" platform "]" ]   the entries, or those of one platform
 *
 * Throws FormatError naming the flaw, also for `index-descriptor`, which only image layouts have.
 */
export function parseAnnotation(text: string): Annotation {
  const equals = text.indexOf('=');
  if (equals < 0) throw new FormatError(`annotation ${quote(text)} has no "="`, form);
  const head = text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (hasControlCharacter(value.replaceAll('\t', ' '))) {
    throw new FormatError(`the value of annotation ${quote(head)} contains a control character`, form);
  }
  const colon = levelEnd(head);
  const key = head.slice(colon + 1);
  if (key === '') throw new FormatError(`annotation ${quote(text)} has no key`, form);
  if (hasControlCharacter(key) || /\s/.test(key)) {
    throw new FormatError(`annotation key ${quote(key)} contains white space or a control character`, form);
  }
  const levels = head.slice(0, Math.max(colon, 0)) || 'index';
  return { levels: levels.split(',').map((level) => parseLevel(level, text)), key, value };
}

/**
 * Sorts annotations by target. For one key the last line wins; on the index, a line for the index itself wins over one
 * for `manifest`.
 */
export function collectAnnotations(list: readonly Annotation[]): AnnotationLevels {
  const placed = list.flatMap(({ levels, key, value }) => levels.map((level) => ({ level, key, value })));
  const onIndex = (kind: string) => placed.filter(({ level }) => level.kind === kind);
  return {
    index: Object.fromEntries(
      [...onIndex('manifest'), ...onIndex('index')].map(({ key, value }) => [key, value]),
    ),
    entries: placed.flatMap(({ level, key, value }) => {
      return level.kind === 'entry' ? [{ platform: level.platform, key, value }] : [];
    }),
  };
}

/** The position of the colon after the levels, or -1; in a key, a dot or capital comes before a colon. */
function levelEnd(head: string): number {
  const colon = head.indexOf(':');
  return colon >= 0 && /^[a-z,-]*(?:\[|$)/.test(head.slice(0, colon)) ? colon : -1;
}

function parseLevel(level: string, annotation: string): AnnotationLevel {
  const bracket = level.indexOf('[');
  const name = bracket < 0 ? level : level.slice(0, bracket);
  if (bracket >= 0 && !level.endsWith(']')) {
    throw new FormatError(`the platform in annotation ${quote(annotation)} has no closing "]"`, form);
  }
  const platform = bracket < 0 ? undefined : parsePlatform(level.slice(bracket + 1, -1));
  if (name === 'manifest-descriptor') return { kind: 'entry', platform };
  if (name === 'manifest') return { kind: 'manifest' };
  if (name === 'index' && platform === undefined) return { kind: 'index' };
  throw new FormatError(`level ${quote(level)} of annotation ${quote(annotation)} ${levelFlaw(name)}`, form);
}

function levelFlaw(name: string): string {
  if (name === 'index') return 'has a platform, but there is only one index';
  if (name === 'index-descriptor') return 'does not exist in a registry: use "index"';
  return 'is unknown';
}
