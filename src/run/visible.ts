/**
 * Controls except tab, line and paragraph separators, format characters (bidirectional marks, tags), and what fonts
 * show as nothing: variation selectors, fillers, the blank of braille (Unicode, Default_Ignorable_Code_Point).
 */
export const unseen: RegExp =
  /[\0-\x08\n-\x1f\x7f-\x9f\u2800\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text with every character that cannot be seen, or that moves others about, shown as an escape. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
