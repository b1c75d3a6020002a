/** Takes out of a text what differs from run to run. */
import { withoutSecrets } from './leaks.ts';

export interface Scrubbing {
  /** `127.0.0.1:41234` → `registry-1.test`. */
  readonly hosts: ReadonlyMap<string, string>;
  /** Directories of the run → what stands for them. */
  readonly directories: ReadonlyMap<string, string>;
}

const rules: readonly (readonly [RegExp, string])[] = [
  [/ghadelimiter_[0-9a-f-]{36}/g, 'ghadelimiter'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\b/g, '<time>'],
  [/\b\d+(?:\.\d+)? ?ms\b/g, '<duration>'],
  [/\b\d+\.\d+ ?s\b/g, '<duration>'],
  [/^(::add-mask::).*$/gm, '$1<secret>'],
];

/** A name, as it is and as the summary shows it. */
function formsOf(name: string): readonly string[] {
  const wrapped = name.replaceAll(/[/:@_-]{1,4}/g, '$&<wbr>');
  const marked = name.replaceAll(':', '<span>&#58;</span>');
  // At the start of a line, digits and a dot would begin a list.
  return [wrapped, name, marked, ...[name, marked].map((form) => form.replace('.', '&#46;'))];
}

/** The text with hosts, directories, secrets, times and durations replaced by words. */
export function scrub(text: string, { hosts, directories }: Scrubbing): string {
  const named = [...directories, ...hosts].reduce(
    (rest, [real, word]) => formsOf(real).reduce((shown, form) => shown.replaceAll(form, word), rest),
    text,
  );
  const ruled = rules.reduce(
    (rest, [pattern, word]) => rest.replaceAll(pattern, word),
    withoutSecrets(named),
  );
  return ruled.replaceAll(/(?:::add-mask::<secret>\n)+/g, '::add-mask::<secret>\n');
}
