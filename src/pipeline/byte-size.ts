const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes for people, in decimal units: `48.2 MB`. */
export function formatBytes(bytes: number): string {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}

/** Bytes a second over so many milliseconds: `31.0 MB/s`. */
export function formatRate(bytes: number, milliseconds: number): string {
  return `${formatBytes(Math.round((bytes * 1000) / Math.max(1, milliseconds)))}/s`;
}
