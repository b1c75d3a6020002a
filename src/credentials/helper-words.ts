/** Bytes of a helper's stderr that are read. */
export const maxHelperWords = 8192;

/** In characters: enough for a cause, and a log stays readable. */
const maxShown = 400;

const redactions: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // The user name and password of a URL.
  [/(:\/\/)[^/\s@]+@/g, '$1***@'],
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, '$1 ***'],
  // `token=…`, `"Secret": "…"`, `Authorization: …`
  [
    /((?:token|secret|passw|passphrase|authorization|api[_-]?key)[\w-]{0,30}["']?\s?[=:]\s?["']?)[^\s"',;&]+/gi,
    '$1***',
  ],
  // Any long word with letters and digits may be a token; host names and paths have separators within.
  [/(?<![\w+=~-])(?=[\w+=~-]*\d)(?=[\w+=~-]*[A-Za-z])[\w+=~-]{20,}/g, '***'],
];

/** Characters from which on a word of a helper's answer may be a secret. */
const minSecretLength = 12;

/** A helper's stderr as one line of limited length, without likely secrets and without parts of its answer. */
export function redactHelperWords(text: string, answer = ''): string {
  const line = withoutAnswer(text, answer)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  const safe = redactions.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), line);
  return safe.length > maxShown ? `${safe.slice(0, maxShown)}…` : safe;
}

function withoutAnswer(text: string, answer: string): string {
  const words = new Set(answer.split(/[\s"',:{}]+/).filter((word) => word.length >= minSecretLength));
  return [...words].reduce((rest, word) => rest.replaceAll(word, '***'), text);
}
