const maxQuoted = 80;
const unprintable = /[\u2800\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A text or document that does not have the form of its specification.
 *
 * `message` names the part that is wrong; `expected` describes the legal form of that part.
 */
export class FormatError extends Error {
  override readonly name: string = 'FormatError';
  readonly expected: string;

  constructor(message: string, expected: string) {
    super(message);
    this.expected = expected;
  }
}

/**
 * Quotes untrusted text for a message: in double quotes, about 80 characters at most, with control, format and bidi
 * characters as JSON escapes.
 */
export function quote(text: string): string {
  const shown =
    text.length > maxQuoted ? `${text.slice(0, maxQuoted).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return JSON.stringify(shown).replace(unprintable, escapeUnits);
}

/**
 * A message without the texts that {@link quote} put into it: each becomes `"***"`, as in the runner's log. For
 * documents that may hold secrets, such as a key in place of build metadata. Names of fields, which messages put in
 * quotes themselves, stay.
 */
export function unquoted(message: string): string {
  return message.replace(/"(?:[^"\\]|\\.)*"/g, (text) => (ownWords.has(text) ? text : '"***"'));
}

const ownWords: ReadonlySet<string> = new Set(['"manifests"', '"config"', '"layers"']);

/** The UTF-16 units of a text as JSON escapes. */
export function escapeUnits(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** Whether the text contains a control character: C0 (CR, LF, NUL, tab …), DEL or C1. */
export function hasControlCharacter(text: string): boolean {
  return /[\u0000-\u001f\u007f-\u009f]/.test(text);
}
