import { escapeUnits } from '../oci/format-error.ts';
import { unseen, visible } from '../run/visible.ts';

/**
 * A line of text that the runner and a terminal show and do not interpret: control characters,
 * ANSI sequences and bidirectional marks are shown as escapes, and workflow commands (`::name::` at the
 * start of a line, `##[name]` anywhere) are broken up.
 */
export function sanitizeLine(text: string): string {
  return visible(text)
    .replaceAll('##[', '#\u200b#[')
    .replace(/^(\s*):(?=:)/, '$1:\u200b');
}

/** JSON with the same value and escapes for what {@link sanitizeLine} would change: later steps print outputs. */
export function sanitizeJson(json: string): string {
  return json.replace(unseen, escapeUnits).replaceAll('##[', `#${escapeUnits('#')}[`);
}
