/** The two largest units: `45s`, `2m 5s`, `3h 12m`, `6d 4h`. Below a second it is `0s`. */
export function shortDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    { value: Math.floor(total / 86_400), unit: 'd' },
    { value: Math.floor(total / 3600) % 24, unit: 'h' },
    { value: Math.floor(total / 60) % 60, unit: 'm' },
    { value: total % 60, unit: 's' },
  ];
  const from = parts.findIndex(({ value }) => value > 0);
  if (from < 0) return '0s';
  return parts
    .slice(from, from + 2)
    .filter(({ value }) => value > 0)
    .map(({ value, unit }) => `${value}${unit}`)
    .join(' ');
}
