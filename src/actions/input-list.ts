/** One item of a list input. */
export interface InputItem {
  readonly text: string;
  /** 1-based line of the input. */
  readonly line?: number;
}

/** How a list is written: items one a line, and with `separate` also with commas between them. */
export interface ListForm {
  readonly commas?: 'separate';
}

/** The items of a list input: blank lines and whole-line `#` comments are passed over. */
export function splitList(text: string, form: ListForm = {}): readonly InputItem[] {
  return text.split(/\r\n|\n/).flatMap((line, at) => {
    if (line.trimStart().startsWith('#')) return [];
    const parts = form.commas === 'separate' ? line.split(',') : [line];
    return parts
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => ({ text: part, line: at + 1 }));
  });
}
