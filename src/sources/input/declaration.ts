import { FormatError, quote } from '../../oci/format-error.ts';
import { type Platform, parsePlatform, samePlatform, spellPlatform } from '../../oci/platform.ts';
import { rightArchitecture } from '../../oci/platform-names.ts';
import { attempt } from './problem-list.ts';

/** The platform fields and annotations that a source line declares for its entry. */
export interface Declaration {
  readonly declared: Partial<Platform>;
  readonly annotations: Readonly<Record<string, string>>;
}

const keyForms = 'os=, arch=, variant=, os-version=, os-features=a,b or annotation.NAME=';
const wordForms = `a source, then os/arch[/variant], then ${keyForms}`;
const annotationPrefix = 'annotation.';

type Refuse = (message: string) => void;
type ReadField = (value: string, key: string) => Partial<Platform>;

const platformKeys: ReadonlyMap<string, ReadField> = new Map<string, ReadField>([
  ['os', (value, key) => ({ os: parseName(value, key) })],
  ['arch', (value, key) => ({ architecture: parseArchitecture(value, key) })],
  ['variant', (value, key) => (value === '' ? {} : { variant: parseName(value, key) })],
  ['os-version', (value, key) => (value === '' ? {} : { 'os.version': parseVersion(value, key) })],
  ['os-features', (value, key) => (value === '' ? {} : { 'os.features': parseFeatures(value, key) })],
]);

/**
 * Reads the words after the source: an optional `os/arch[/variant]`, then `key=value` in any order.
 *
 * `variant=`, `os-version=` and `os-features=` without a value are ignored, since a matrix may have empty values.
 * Every problem goes to `refuse`, and the valid rest is returned.
 */
export function parseDeclaration(words: readonly string[], refuse: Refuse): Declaration {
  const [first] = words;
  const named = first !== undefined && !first.includes('=');
  const platform = named ? attempt(() => parsePlatform(first), refuse) : undefined;
  const keys = new KeyReader(refuse);
  const [extra, ...others] = (named ? words.slice(1) : words).filter((word) => !keys.read(word));
  if (extra !== undefined) refuse(`${extraWord(extra, others.length)} (expected: ${wordForms})`);
  return { declared: combine(platform, keys.declared, refuse), annotations: keys.annotations };
}

class KeyReader {
  readonly #times = new Map<string, number>();
  readonly #refuse: Refuse;
  #declared: Partial<Platform> = {};
  readonly #annotations = new Map<string, string>();

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  get declared(): Partial<Platform> {
    return this.#declared;
  }

  get annotations(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#annotations);
  }

  /** Reads a `key=value` word; returns false for any other. */
  read(word: string): boolean {
    const equals = word.indexOf('=');
    if (equals < 0) return false;
    attempt(() => this.#take(word.slice(0, equals), word.slice(equals + 1)), this.#refuse);
    return true;
  }

  #take(key: string, value: string): void {
    const times = (this.#times.get(key) ?? 0) + 1;
    this.#times.set(key, times);
    if (times === 1) this.#set(key, value);
    if (times === 2) throw new FormatError(`${quote(key)} is given more than once`, 'each key once');
  }

  #set(key: string, value: string): void {
    const read = platformKeys.get(key);
    if (read) this.#declared = { ...this.#declared, ...read(value, key) };
    else if (key.startsWith(annotationPrefix)) this.#annotations.set(parseAnnotationName(key), value);
    else throw new FormatError(`${quote(key)} is not a key`, keyForms);
  }
}

function extraWord(word: string, others: number): string {
  return others === 0
    ? `${quote(word)} is an extra word`
    : `${quote(word)} and ${others} more are extra words`;
}

function combine(platform: Platform | undefined, keys: Partial<Platform>, refuse: Refuse): Partial<Platform> {
  if (platform === undefined) return keys;
  const claimed = restrict({ ...platform, ...keys }, platform);
  if (samePlatform(platform, claimed)) return { ...keys, ...platform };
  const both = `${spellPlatform(platform)} and ${spellPlatform(claimed)}`;
  refuse(`the line declares both ${both} (expected: one platform, or keys that agree with it)`);
  return platform;
}

/** The platform with only the fields that `fields` has too. */
function restrict(platform: Platform, fields: Platform): Platform {
  const kept = Object.entries(platform).filter(([field]) => Object.hasOwn(fields, field));
  return { ...fields, ...Object.fromEntries(kept) };
}

function parseName(value: string, key: string): string {
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(value)) return value.toLowerCase();
  throw new FormatError(`${key}=${quote(value)} is not valid`, 'letters, digits, ".", "_" and "-"');
}

function parseArchitecture(value: string, key: string): string {
  const architecture = parseName(value, key);
  const right = rightArchitecture(architecture)?.replace('/', ' variant=');
  if (right === undefined) return architecture;
  throw new FormatError(`${key}=${quote(value)} is not one that clients ask for`, `${key}=${right}`);
}

function parseVersion(value: string, key: string): string {
  if (/^[A-Za-z0-9_.+~-]{1,128}$/.test(value)) return value;
  throw new FormatError(`${key}=${quote(value)} is not a version`, 'a version, such as 10.0.20348.2113');
}

function parseFeatures(value: string, key: string): readonly string[] {
  const features = value.split(',').map((feature) => feature.trim());
  const flawed = features.find((feature) => !/^[A-Za-z0-9_.+-]{1,128}$/.test(feature));
  if (flawed === undefined) return features;
  throw new FormatError(`${key}=${quote(value)} contains ${quote(flawed)}`, 'names separated by commas');
}

function parseAnnotationName(key: string): string {
  const name = key.slice(annotationPrefix.length);
  if (name !== '' && !/\s/.test(name)) return name;
  throw new FormatError(`${quote(key)} has no annotation name`, 'annotation.NAME=value');
}
