const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes in decimal units, to be read by people: `48.2 MB`. */
export function formatBytes(bytes: number): string {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`;
}

/** A rate, from bytes and the milliseconds they took: `31.0 MB/s`. */
export function formatRate(bytes: number, milliseconds: number): string {
  return `${formatBytes(Math.round((bytes * 1000) / Math.max(1, milliseconds)))}/s`;
}
