const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** An amount of data that was measured, to be read by people, in units of 1000: `0 B`, `999 B`, `1.2 MB`, `34 GB`. */
export function dataSizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be rounded up to 1000 is one of the next unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`;
}
