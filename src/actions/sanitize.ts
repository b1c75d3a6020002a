/**
 * A line of text that the runner, a terminal and a reader take for nothing but text: control characters,
 * ANSI sequences and bidirectional marks are shown as escapes, and workflow commands (`::name::` at the
 * start of a line, `##[name]` anywhere) are broken up.
 */
export function sanitizeLine(text: string): string {
  return visible(text)
    .replaceAll('##[', '#\u200b#[')
    .replace(/^(\s*):(?=:)/, '$1:\u200b');
}

// C0 except tab, DEL and C1, line and paragraph separators, bidirectional marks, zero-width marks, soft hyphen, BOM, tag characters.
const unseen =
  /[\0-\x08\n-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** Text with every character that cannot be seen, or that moves others about, shown as an escape. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

// Also what GitHub turns into links or formulas by itself: addresses, @mentions, #numbers, $…$.
const markup = /[&<>"'`*_~[\]#|\\@$]|:(?=\/\/)|(?<=www)\./gi;

/** Text as one line of markdown or HTML that shows itself and nothing else: marks become character references. */
export function markdownText(text: string): string {
  return visible(text.replace(/\s+/g, ' ')).replace(markup, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** Text as code in markdown, also within a table. */
export function markdownCode(text: string): string {
  return /^[\w.:@/+-]+$/.test(text) ? `\`${text}\`` : `<code>${markdownText(text)}</code>`;
}

/**
 * JSON with the same value in which what `harmlessLine` would change stands as an escape: later steps print outputs.
 */
export function sanitizeJson(json: string): string {
  return json.replace(unseen, escapeUnits).replaceAll('##[', `#${escapeUnits('#')}[`);
}

function escapeUnits(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
