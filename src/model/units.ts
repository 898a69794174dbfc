/**
 * Quantities that cannot be mixed up: a duration is not a byte count, and a point in time is not a duration.
 * Each is a plain number at run time; the brand lives in the type only.
 */
type Quantity<Name extends string> = number & { readonly __unit: Name };

/** A length of time in milliseconds. */
export type Milliseconds = Quantity<'milliseconds'>;
/** A point on the monotonic clock, in milliseconds since an arbitrary origin. It never jumps with the wall clock. */
export type Instant = Quantity<'instant'>;
/** A count of bytes. */
export type Bytes = Quantity<'bytes'>;
/** A data rate in bits per second. */
export type BitsPerSecond = Quantity<'bitsPerSecond'>;
/** A share of a whole, 0 to 100. */
export type Percent = Quantity<'percent'>;

export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
export const seconds = (value: number): Milliseconds => (value * 1000) as Milliseconds;
export const minutes = (value: number): Milliseconds => (value * 60_000) as Milliseconds;
export const hours = (value: number): Milliseconds => (value * 3_600_000) as Milliseconds;
export const instant = (value: number): Instant => value as Instant;
export const bytes = (value: number): Bytes => value as Bytes;
/** A megabyte is 10⁶ bytes, as providers count it. */
export const megabytes = (value: number): Bytes => (value * 1e6) as Bytes;
export const bitsPerSecond = (value: number): BitsPerSecond => value as BitsPerSecond;
export const kilobitsPerSecond = (value: number): BitsPerSecond => (value * 1000) as BitsPerSecond;
export const percent = (value: number): Percent => value as Percent;

/** The time that passed between two instants; negative when `to` lies before `from`. */
export const elapsed = (from: Instant, to: Instant): Milliseconds => (to - from) as Milliseconds;
/** The instant that lies `duration` after `from`. */
export const later = (from: Instant, duration: Milliseconds): Instant => (from + duration) as Instant;

/** The instant that lies `duration` before `from`. */
export const earlier = (from: Instant, duration: Milliseconds): Instant => (from - duration) as Instant;

/** The later one of two instants. */
export const latest = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** To the microsecond: what lies below is noise, and as text it would be most of the number. */
export const toMicrosecond = <T extends Milliseconds | Instant>(time: T): T => (Math.round(time * 1000) / 1000) as T;

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};
const rateUnits: Readonly<Record<string, number>> = { 'bit/s': 1, 'kbit/s': 1e3, 'Mbit/s': 1e6, 'Gbit/s': 1e9 };

function quantityOf(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z/]+)$/u.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : units[match[2]];
  if (match === null || factor === undefined) return undefined;
  const value = Number(match[1]) * factor;
  return Number.isSafeInteger(Math.round(value)) ? value : undefined;
}

/** Reads `250ms`, `15s`, `5m`, `24h`, `30d`; undefined when the text is none of these. */
export const parseDuration = (text: string): Milliseconds | undefined =>
  quantityOf(text, durationUnits) as Milliseconds | undefined;
/** As many people write it. */
const readByteUnits: Readonly<Record<string, number>> = { ...byteUnits, KB: 1000 };

/** Reads `512 kB`, `1 GB`, `1 GiB`; undefined when the text is none of these. A GB is 10⁹ bytes, a GiB 2³⁰. */
export const parseBytes = (text: string): Bytes | undefined => {
  const value = quantityOf(text, readByteUnits);
  return value === undefined ? undefined : (Math.round(value) as Bytes);
};
/** Reads `1000 kbit/s`, `5 Mbit/s`, `1 Gbit/s`; undefined when the text is none of these. */
export const parseRate = (text: string): BitsPerSecond | undefined =>
  quantityOf(text, rateUnits) as BitsPerSecond | undefined;

/** Writes a duration as `parseDuration` reads it, in the largest unit that keeps it whole. */
export function formatDuration(value: Milliseconds): string {
  if (value === 0) return '0s';
  for (const [name, factor] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (value % factor === 0) return `${value / factor}${name}`;
  }
  return `${value}ms`;
}

function inLargestUnit(value: number, units: Readonly<Record<string, number>>, smallest: string): string {
  const [name, factor] = Object.entries(units)
    .filter(([, size]) => value >= size && value % size === 0)
    .reduce((best, entry) => (entry[1] > best[1] ? entry : best), [smallest, 1] as [string, number]);
  return `${value / factor} ${name}`;
}

/**
 * Writes an amount of data as `parseBytes` reads it, to the byte, as who chose it will have written it: `1.5 GB`, `1024 MB`,
 * `2 GiB`. That is the shortest way with two decimals at most; of two that are as short, the one in units of 1000.
 */
export const formatBytes = (value: Bytes): string =>
  ['TB', 'GB', 'MB', 'kB', 'TiB', 'GiB', 'MiB', 'KiB']
    .map((name): readonly [string, number] => [name, value / (byteUnits[name] ?? 1)])
    .map(([name, count]) => `${count < 1 ? 0 : Math.round(count * 100) / 100} ${name}`)
    .filter((text) => parseBytes(text) === value)
    .reduce((best, text) => (text.length < best.length ? text : best), `${value} B`);

/** Writes a rate as `parseRate` reads it. */
export const formatRate = (value: BitsPerSecond): string => inLargestUnit(value, rateUnits, 'bit/s');
