import { FormatError, quote } from '../../oci/format-error.ts';

/** Reads one of several values; throws FormatError. */
export function parseChoice<const T extends string>(text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new FormatError(`${quote(text)} is not known`, choices.join(', '));
}

/** Reads a flag as YAML 1.2's core schema writes it; throws FormatError. */
export function parseFlag(text: string): 'true' | 'false' {
  if (/^(true|True|TRUE)$/.test(text)) return 'true';
  if (/^(false|False|FALSE)$/.test(text)) return 'false';
  throw new FormatError(`${quote(text)} is neither true nor false`, 'true or false');
}

/** Whether a text, where names are expected, is a word that turns something on. */
export function isFlag(text: string): boolean {
  return /^(?:true|yes|on|all)$/i.test(text);
}

/** Whether a text is a word that turns something off. */
export function isOff(text: string): boolean {
  return /^(?:false|no|off|0)$/i.test(text.trim());
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
const maxDuration = 3_600_000;

/** Reads a duration such as `15s`, `2m`, `500ms` or `0` in milliseconds, at most an hour; throws FormatError. */
export function parseDuration(text: string): number {
  const found = /^(\d{1,7})(ms|s|m)?$/.exec(text);
  const [, amount, unit] = found ?? [];
  const value =
    unit === undefined && amount !== '0' ? Number.NaN : Number(amount) * (units[unit ?? 's'] ?? 1);
  if (value <= maxDuration) return value;
  const message = `${quote(text)} is not a duration`;
  throw new FormatError(message, 'a number with a unit, such as 15s, 500ms or 2m, at most 60m, or 0');
}
