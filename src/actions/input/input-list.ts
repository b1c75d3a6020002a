/** One item of a list input. */
export interface InputItem {
  readonly text: string;
  /** 1-based line of the input. */
  readonly line?: number;
}

/** The form of a list: one item per line, and with `separate` also commas between items. */
interface ListForm {
  readonly commas?: 'separate';
}

/** The items of a list input, without blank lines and whole-line `#` comments. */
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
