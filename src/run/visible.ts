/** C0 except tab, DEL and C1, line and paragraph separators, bidirectional marks, zero-width marks, soft hyphen, BOM, tag characters. */
export const unseen: RegExp =
  /[\0-\x08\n-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** Text with every character that cannot be seen, or that moves others about, shown as an escape. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
